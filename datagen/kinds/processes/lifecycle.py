"""A process of states: left by shares and dwell times, or by competing hazards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from datagen.declarations.processes import ProcessRecovery
from datagen.kinds.processes.base import Process, Target
from datagen.kinds.processes.support.attributes import RESERVED, ChangingAttribute
from datagen.kinds.processes.support.covariates import Covariate
from datagen.kinds.processes.support.examples import PLANS, subscribed
from datagen.kinds.processes.support.recovery import StateRecovery
from datagen.kinds.processes.support.state_graph import StateGraph
from datagen.kinds.processes.support.states import Shares, State, state_problems, unknown_states
from datagen.names import ColumnName
from datagen.scope import Simulation

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.kinds.behaviors.base import Behavior
    from datagen.scope import ColumnRef, Scope


class Lifecycle(Process):
    """A process of states.

    A state with `next` is left after a stay, to a target drawn by weights: a semi-Markov process. A state with `exits`
    has one hazard per target, and the earliest exit happens: competing risks. A state with neither is never left. The
    process begins at the entity's birth, also before the window, and is censored at the window's end. Multipliers act
    on the hazard of an exit, on the odds of a share, or on the length of a stay. Those of shares and stays are
    evaluated when the stay begins.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        subscribed(
            {
                "type": "lifecycle",
                "start": "trial",
                "states": {
                    "trial": {"next": {"active": 0.6, "cancelled": 0.4}, "stay": "14d"},
                    "active": {
                        "exits": {
                            "cancelled": {"type": "exponential", "mean": 12},
                            "paused": {"type": "weibull", "shape": 1.5, "scale": 20},
                        }
                    },
                    "paused": {"next": "active", "stay": {"type": "lognormal", "median": "30d", "sigma": 0.5}},
                    "cancelled": {},
                },
            }
        ),
        subscribed(
            {
                "type": "lifecycle",
                "start": {"web": 3, "shop": 1},
                "states": {
                    "web": {"next": "active", "stay": "1d"},
                    "shop": {
                        "next": {"active": 9, "gone": 1},
                        "after": {"active": "2h", "gone": {"type": "exponential", "mean": "3d"}},
                    },
                    "active": {"exits": {"gone": {"type": "exponential", "half_life": 6}}},
                    "gone": {},
                },
            },
            {"type": "segments", "column": "plan", "multiply": {"pro": {"subscription.active>gone": 0.5}}},
        ),
        subscribed(
            {
                "type": "lifecycle",
                "start": "active",
                "states": {"active": {"exits": {"cancelled": {"type": "exponential", "mean": 12}}}, "cancelled": {}},
                "covariates": [
                    {"table": "tickets", "within": "30d", "multiply": {"active>cancelled": [1.8, 3]}},
                ],
            },
            name="tickets",
            rows={"type": "events", "mean_per_month": 0.5, "during": {"process": "subscription", "states": ["active"]}},
            columns={"customer_id": {"type": "parent_key"}, "opened_at": {"type": "event_time"}},
        ),
        subscribed(
            {
                "type": "lifecycle",
                "start": "active",
                "states": {"active": {"exits": {"cancelled": {"type": "exponential", "mean": 12}}}, "cancelled": {}},
                "covariates": [
                    {
                        "table": "purchases",
                        "within": "30d",
                        "measure": "sum",
                        "column": "amount",
                        "thresholds": [20, 100],
                        "multiply": {"active>cancelled": [0.7, 0.4]},
                    },
                ],
            },
            name="purchases",
            rows={"type": "events", "mean_per_month": 1.5, "during": {"process": "subscription", "states": ["active"]}},
            columns={
                "customer_id": {"type": "parent_key"},
                "bought_at": {"type": "event_time"},
                "amount": {"type": "lognormal", "median": 25, "sigma": 0.8, "decimals": 2},
            },
        ),
        subscribed(
            PLANS,
            {"type": "trend", "of": "subscription.plan.basic>pro", "shape": "exponential", "growth_per_year": 0.3},
            rows={"type": "transitions", "process": "subscription"},
            columns={
                "customer_id": {"type": "parent_key"},
                **{
                    name: {"type": "row_attribute", "attribute": name}
                    for name in ("from", "to", "at", "from_plan", "to_plan")
                },
            },
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = (
        "state_machine",
        "markov",
        "semi_markov",
        "multi_state",
        "competing_risks",
    )

    type: Literal["lifecycle"] = "lifecycle"
    start: Shares = Field(description="the first state, or several with weights")
    states: Annotated[dict[ColumnName, State], Field(min_length=1, max_length=100)] = Field(
        description="the states, each with how it ends"
    )
    attributes: Annotated[dict[ColumnName, ChangingAttribute], Field(max_length=10)] = Field(
        default={}, description="categories of the entity that change along the way, such as a plan"
    )

    covariates: Annotated[tuple[Covariate, ...], Field(max_length=10)] = Field(
        default=(), description="figures of recent rows of tables below the entity that multiply hazards"
    )

    @cached_property
    def graph(self) -> StateGraph:
        """The states and ways, as they are simulated."""
        return StateGraph(self.start, self.states, self.born, self.attributes, covariates=self.covariates)

    @property
    def reads(self) -> frozenset[str]:
        return frozenset(covariate.table for covariate in self.covariates)

    @property
    def state_names(self) -> tuple[str, ...]:
        return tuple(self.states)

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        return self.graph.edges

    @property
    def attribute_values(self) -> Mapping[str, tuple[str, ...]]:
        return {name: attribute.domain for name, attribute in self.attributes.items()}

    @property
    def kept_attributes(self) -> Mapping[str, str]:
        given = ((name, attribute.column, attribute.changes) for name, attribute in self.attributes.items())
        return {name: column for name, column, changes in given if column is not None and not changes}

    @property
    def acting_attributes(self) -> frozenset[str]:
        return frozenset(name for name, attribute in self.attributes.items() if attribute.changes or attribute.multiply)

    def targets(self) -> Mapping[str, Target]:
        return self.graph.targets()

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return super().needs(scope) | self.graph.needs(scope)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if scope.window is None:
            yield scope.problem("no-window", "a process needs a window", "write 'window' with start and end")
        wrong = [*unknown_states(self.states, self.start, scope, "start")]
        if not any(self.start.values()):
            wrong.append(scope.problem("range", "every weight is 0", "give one state a weight above 0", "start"))
        for name in self.states:
            wrong += state_problems(self.states, name, scope.at("states", name))
        wrong += self._attribute_problems(scope)
        hazards = [path for path, target in self.graph.targets().items() if target == "hazard"]
        for number, covariate in enumerate(self.covariates):
            wrong += covariate.problems(scope.at("covariates", number), str(scope.keys[3]), hazards)
        yield from wrong or self.graph.problems(scope, "states")

    def _attribute_problems(self, scope: Scope) -> Iterator[Problem]:
        hazards = {name: bool(state.exits) for name, state in self.states.items()}
        for name, attribute in self.attributes.items():
            place = scope.at("attributes", name)
            if name in RESERVED or name in {f"{state}_at" for state in self.states}:
                message = f"'{name}' is the name of an attribute that every view has"
                yield place.problem("invalid-name", message, f"rename it, to 'held_{name}' for example")
            yield from attribute.problems(place, hazards, self.graph.targets())

    def multiplier_problem(self, path: str, behavior: Behavior) -> tuple[str, str, str] | None:
        return super().multiplier_problem(path, behavior) or self.graph.hazard_problem(path, behavior)

    def recovery(self, scope: Scope) -> ProcessRecovery:
        return StateRecovery(self.graph, scope)

    def bind(self, scope: Scope) -> Simulation:
        return self.graph.bind(scope)
