"""A funnel: stages in order, with shares that continue, skip, go back, retry or give up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from datagen.declarations.processes import ProcessRecovery
from datagen.kinds.generators.after import Delay
from datagen.kinds.generators.support.column_lookup import expression_problems
from datagen.kinds.lifetimes.base import Lifetime
from datagen.kinds.processes.base import Process, Target
from datagen.kinds.processes.support.dwell import dwell_problems
from datagen.kinds.processes.support.examples import visited
from datagen.kinds.processes.support.recovery import StateRecovery
from datagen.kinds.processes.support.state_graph import StateGraph
from datagen.kinds.processes.support.states import State
from datagen.names import ColumnName
from datagen.registry import Strict, did_you_mean
from datagen.scope import Simulation

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

Part = Annotated[float, Field(gt=0, le=1)]
Parts = Annotated[dict[ColumnName, Part], Field(min_length=1, max_length=100)]
GOES_ON = "goes_on"
"""The target of behaviors for the share that continues at every stage."""
_ROUNDING = 1e-9


class Stage(Strict):
    """One stage: the shares of entities at it that go to the next stage or elsewhere. The others give up."""

    share: Annotated[float, Field(ge=0, le=1)] | None = Field(
        default=None, description="share of its entities that continue to the next stage"
    )
    skip: Parts = Field(default={}, description="shares that go on to a later stage than the next one")
    back: Parts = Field(default={}, description="shares that go back to an earlier stage")
    retry: Annotated[float, Field(ge=0, lt=1)] = Field(
        default=0.0, description="share that enters the same stage again"
    )
    stay: Delay | None = Field(default=None, description="the length of a stay; the default is the funnel's `stay`")
    after: Annotated[dict[ColumnName, Delay], Field(max_length=100)] = Field(
        default={}, description="the length of a stay by its next stage, instead of `stay`"
    )
    when: str | None = Field(
        default=None, description="SQL condition on columns of the entity; other entities skip the stage"
    )

    @property
    def total(self) -> float:
        """The share that does not give up."""
        return (self.share or 0.0) + sum(self.skip.values()) + sum(self.back.values()) + self.retry


class Funnel(Process):
    """Stages in order, from the first to the last. Of those who reach a stage, `share` go on to the next one; some may
    `skip` stages, go `back` or `retry`; the others give up and come to the state `abandoned`.

    Multipliers act on the odds of each share: `funnel.cart>payment` on one, `funnel.goes_on` on going on at every
    stage. A `frailty` of `goes_on` is a latent intent that links the stages. `again` brings an entity back to the first
    stage for another run.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        visited(
            {
                "type": "funnel",
                "stay": {"type": "lognormal", "median": "40s", "sigma": 1},
                "stages": {
                    "visit": {"share": 0.5},
                    "product": {"share": 0.3, "back": {"visit": 0.2}, "skip": {"payment": 0.05}},
                    "cart": {"share": 0.6, "retry": 0.1, "after": {"abandoned": "30min"}},
                    "payment": {"share": 0.8},
                    "purchase": {},
                },
            },
            {"type": "frailty", "of": ["checkout.goes_on"], "dispersion": 0.5, "truth_column": "intent"},
            {"type": "segments", "column": "device", "multiply": {"mobile": {"checkout.goes_on": 0.7}}},
        ),
        visited(
            {
                "type": "funnel",
                "abandoned": "lost",
                "stages": {
                    "lead": {"share": 0.4, "stay": "3d"},
                    "review": {"share": 0.9, "stay": "5d", "when": "device = 'desktop'"},
                    "offer": {"share": 0.5, "stay": "7d"},
                    "won": {},
                },
                "again": {"lost": {"type": "exponential", "mean": 3, "cure_share": 0.5}},
            }
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("conversion", "journey", "pipeline", "stages")

    type: Literal["funnel"] = "funnel"
    stages: Annotated[dict[ColumnName, Stage], Field(min_length=2, max_length=50)] = Field(
        description="the stages in order"
    )
    stay: Delay | None = Field(default=None, description="the length of a stay, for stages that declare none")
    abandoned: ColumnName = Field(default="abandoned", description="the state of entities that gave up")
    again: dict[ColumnName, Lifetime] = Field(
        default={}, description="for the last stage and `abandoned`, the distribution of the time to the next run"
    )

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The states that end a run."""
        gives_up = any(stage.total < 1.0 - _ROUNDING for stage in list(self.stages.values())[:-1])
        return (list(self.stages)[-1], *((self.abandoned,) if gives_up else ()))

    @cached_property
    def graph(self) -> StateGraph:
        """The states and ways that it comes down to."""
        names = list(self.stages)
        states = {name: self._state(name) for name in names[:-1]}
        back = {
            name: State(exits={names[0]: self.again[name]}) if name in self.again else State() for name in self.outcomes
        }
        on = frozenset((name, to) for name in names[:-1] for to in self._forward(name))
        restarts = frozenset((name, names[0]) for name in self.again)
        nominal = {(name, to): share for name in names[:-1] for to, share in (states[name].next or {}).items()}
        groups = {GOES_ON: on}
        return StateGraph({names[0]: 1.0}, states | back, self.born, {}, groups, restarts, nominal)

    def _forward(self, name: str) -> dict[str, tuple[float, str | None, str]]:
        """The later stages that a stage leads to: the share, the condition, and the stage that was meant."""
        names = list(self.stages)
        stage, found = self.stages[name], dict[str, tuple[float, str | None, str]]()
        meant = {names[names.index(name) + 1]: stage.share or 0.0, **stage.skip}
        for to, share in meant.items():
            for target, condition in self._passing(to):
                found[target] = (share, condition, to)
        return found

    def _passing(self, to: str) -> Iterator[tuple[str, str | None]]:
        """The stages that those reach who are sent to one, each with the condition for it."""
        names, before = list(self.stages), list[str]()
        for target in names[names.index(to) :] if to in names else ():  # a problem says that there is no such stage
            own = self.stages[target].when
            parts = [*before, f"({own})"] if own is not None else before
            yield target, " AND ".join(parts) if parts else None
            if own is None:
                return
            before.append(f"NOT COALESCE({own}, FALSE)")

    def _state(self, name: str) -> State:
        stage, forward = self.stages[name], self._forward(name)
        shares = {to: share for to, (share, _, _) in forward.items()}
        shares |= stage.back | ({name: stage.retry} if stage.retry else {})
        if stage.total < 1.0 - _ROUNDING:
            shares[self.abandoned] = 1.0 - stage.total
        when = {to: condition for to, (_, condition, _) in forward.items() if condition is not None}
        earlier = [to for to in stage.back if to in self.stages]  # a problem names the others
        when |= {to: condition for to in earlier if (condition := self.stages[to].when) is not None}
        passed = {to: stage.after[meant] for to, (_, _, meant) in forward.items() if meant in stage.after}
        after = {**passed, **{to: distribution for to, distribution in stage.after.items() if to in shares}}
        return State(next=shares, stay=stage.stay or self.stay, after=after or None, when=when or None)

    @property
    def state_names(self) -> tuple[str, ...]:
        return self.graph.names

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        return self.graph.edges

    @property
    def restarts(self) -> frozenset[tuple[str, str]]:
        return self.graph.restarts

    def targets(self) -> Mapping[str, Target]:
        return self.graph.targets()

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return super().needs(scope) | (self.graph.needs(scope) if self._known else frozenset())

    @property
    def _known(self) -> bool:
        """Whether every stage that is named is declared."""
        named = {to for stage in self.stages.values() for to in (*stage.skip, *stage.back)}
        return named <= self.stages.keys()

    # --- problems ----------------------------------------------------------------------------------------------

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if scope.window is None:
            yield scope.problem("no-window", "a process needs a window", "write 'window' with start and end")
        wrong = [*self._name_problems(scope)]
        for name in self.stages:
            wrong += self._stage_problems(name, scope.at("stages", name))
        if self.stay is not None:
            wrong += dwell_problems(self.stay, scope.at("stay"))
        if not wrong:
            wrong += self._again_problems(scope)
        yield from wrong or self.graph.problems(scope, "stages")

    def _name_problems(self, scope: Scope) -> Iterator[Problem]:
        if self.abandoned in self.stages:
            message = f"'{self.abandoned}' is a stage and the state of entities that gave up"
            yield scope.problem("duplicate", message, "rename one of them", "abandoned")
        if GOES_ON in (*self.stages, self.abandoned):
            message = f"'{GOES_ON}' is the target for continuing at every stage"
            yield scope.problem("invalid-name", message, "rename it", "stages", GOES_ON)

    def _again_problems(self, scope: Scope) -> Iterator[Problem]:
        for name, distribution in self.again.items():
            if name not in self.outcomes:
                message = f"'{name[:60]}' does not end a run"
                yield scope.problem("no-effect", message, f"write {' or '.join(self.outcomes)}", "again", name)
            yield from distribution.problems(scope.at("again", name))

    def _stage_problems(self, name: str, scope: Scope) -> Iterator[Problem]:
        stage, names = self.stages[name], list(self.stages)
        if stage.when is not None:
            yield from expression_problems(scope, stage.when, "when", "bool")
            if name in (names[0], names[-1]):
                message = "everyone has the first and the last stage"
                yield scope.problem("conflict", message, "write the condition at a stage between them", "when")
        if name == names[-1]:
            for key in sorted(stage.model_fields_set - {"when"}):
                yield scope.problem("no-effect", f"the last stage has no '{key}'", "leave it out", key)
            return
        if stage.share is None:
            message = "no share continues to the next stage"
            yield scope.problem("missing", message, 'write "share": 0.5, for example')
        elif stage.total > 1.0 + _ROUNDING:
            message = f"the shares add up to {stage.total:.6g}, more than 1"
            yield scope.problem("range", message, "lower them; the rest to 1 gives up", "share")
        yield from self._target_problems(name, scope)
        yield from self._distribution_problems(name, scope)

    def _target_problems(self, name: str, scope: Scope) -> Iterator[Problem]:
        """Shares that go nowhere, or where another share goes."""
        stage, names = self.stages[name], list(self.stages)
        here, reached = names.index(name), dict[str, str]()
        for key, allowed in (("skip", names[here + 2 :]), ("back", names[:here])):
            for to in getattr(stage, key):
                if to not in allowed:
                    where = "later than the next one" if key == "skip" else "earlier"
                    message, hint = f"'{to[:60]}' is not a stage {where}", did_you_mean(to, allowed)
                    yield scope.problem("unknown-process", message, hint, key, to)
        for meant in (names[here + 1], *(to for to in stage.skip if to in names[here + 2 :])):
            for to, _ in self._passing(meant):
                if reached.setdefault(to, meant) != meant:
                    message = f"those who pass '{reached[to]}' over and those who skip to '{meant}' both reach '{to}'"
                    yield scope.problem("conflict", message, "leave out one of the conditions, or the skip", "skip")
                    return

    def _distribution_problems(self, name: str, scope: Scope) -> Iterator[Problem]:
        stage, names = self.stages[name], list(self.stages)
        targets = {names[names.index(name) + 1], *stage.skip, *stage.back, self.abandoned}
        targets |= {name} if stage.retry else set()
        for to, distribution in stage.after.items():
            if to not in targets:
                message = f"this stage does not lead to '{to[:60]}'"
                yield scope.problem("no-effect", message, did_you_mean(to, sorted(targets)), "after", to)
            yield from dwell_problems(distribution, scope.at("after", to))
        if stage.stay is not None:
            yield from dwell_problems(stage.stay, scope.at("stay"))
        elif self.stay is None and not targets <= stage.after.keys():
            message = "no length of a stay is declared"
            yield scope.problem("missing", message, 'write "stay": "2min", for example, here or at the funnel')

    def recovery(self, scope: Scope) -> ProcessRecovery:
        return StateRecovery(self.graph, scope)

    def bind(self, scope: Scope) -> Simulation:
        return self.graph.bind(scope)
