"""The base class of processes: they take each entity of a table from state to state over time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from datagen.kinds.behaviors.support.birth_time import birth_needs, birth_problems
from datagen.kinds.processes.support.ended import EndedSimulation
from datagen.registry import Kind, did_you_mean

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.declarations.processes import ProcessRecovery, StaysDeclaration
    from datagen.errors import Problem
    from datagen.kinds.behaviors.base import Behavior
    from datagen.scope import ColumnRef, Scope, Simulation


Target = Literal["hazard", "share", "dwell"]
"""How a multiplier acts: on a hazard, on the odds of a share, or on the length of a stay."""

EDGE = ">"


class Process(Kind, family="processes"):
    """The states of an entity over time."""

    born: str | None = Field(
        default=None,
        description="timestamp of the start; the default is the arrival or event time",
    )

    until: str | None = Field(
        default=None,
        description="timestamp or date of the entity at which the process ends; where it is missing, it goes on",
    )

    @property
    def implied(self) -> bool:
        """Whether it follows from another declaration, so that no view need show it."""
        return False

    @property
    def state_names(self) -> tuple[str, ...]:
        """The states in document order. The codes of a trajectory are their positions."""
        return ()

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """The possible transitions, as (from, to)."""
        return ()

    @property
    def restarts(self) -> frozenset[tuple[str, str]]:
        """The transitions that begin another run."""
        return frozenset()

    @property
    def attribute_values(self) -> Mapping[str, tuple[str, ...]]:
        """The attributes that change along the way, each with its values: codes count them from 0."""
        return {}

    @property
    def kept_attributes(self) -> Mapping[str, str]:
        """Those of them that never change, each with the column of the entity that holds its value."""
        return {}

    @property
    def acting_attributes(self) -> frozenset[str]:
        """Those of them on which transitions or stays depend."""
        return frozenset()

    @property
    def reads(self) -> frozenset[str]:
        """The tables below the entity whose rows it depends on."""
        return frozenset()

    def targets(self) -> Mapping[str, Target]:
        """The targets of behaviors, by path below the process: `state>state` for an edge, `state` for a stay."""
        return {}

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        """The columns of the entity's table that it reads."""
        known = self.until is not None and self.until in scope.table.columns
        return birth_needs(scope, self.born) | ({(scope.table.name, self.until or "")} if known else frozenset())

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape."""
        yield from birth_problems(scope, self.born)
        if self.until is not None:
            yield from self._until_problems(scope, self.until)

    def _until_problems(self, scope: Scope, column: str) -> Iterator[Problem]:
        if column not in scope.table.columns:
            hint = did_you_mean(column, list(scope.table.columns))
            message = f"'{scope.table.name}' has no column '{column[:60]}'"
            yield scope.problem("unknown-column", message, hint, "until")
            return
        type_ = scope.type_of(column)
        if type_ is not None and type_.name not in ("timestamp", "date"):
            message = f"'{column}' is {type_}, not a timestamp or date"
            yield scope.problem("type", message, "name a timestamp or date column", "until")

    def target_problem(self, path: str, behavior: Behavior) -> tuple[str, str, str] | None:
        """Code, message and hint if a behavior cannot multiply the target at `path`."""
        known = self.targets()
        if path in known:
            return self.multiplier_problem(path, behavior)
        state = path.partition(EDGE)[0]
        if state not in self.state_names:
            return "unknown-process", f"there is no state '{state[:60]}'", did_you_mean(state, list(self.state_names))
        if EDGE in path:
            message = f"there is no transition '{path[:120]}'"
            return "unknown-process", message, did_you_mean(path, [name for name in known if EDGE in name])
        own = [name for name in known if name.startswith(state + EDGE)]
        message = f"the stay in '{state}' has no single distribution that could be multiplied"
        return "no-effect", message, f"multiply a transition: {', '.join(own)}" if own else "name another state"

    def multiplier_problem(self, path: str, behavior: Behavior) -> tuple[str, str, str] | None:
        """Code, message and hint where one of the `targets` cannot be multiplied by this behavior."""
        if behavior.ends_lives:
            message = f"a '{behavior.type}' ends lives, which cannot act on '{path}'"
            return "conflict", message, "give the process an exit for it, or multiply with another behavior"
        return None

    def recovery(self, scope: Scope) -> ProcessRecovery | None:
        """What validation expects of edges and stays; `scope` is the place of the process, planned. None where it
        expects nothing.
        """
        return None

    def interaction(self, scope: Scope, stays: StaysDeclaration) -> Declaration | None:
        """What validation expects of entities that act on each other, where `stays` shows all their stays; None where
        they do not.
        """
        return None

    def simulation(self, scope: Scope) -> Simulation:
        """The simulation, ended where entities end; `scope` is the place of the process, planned."""
        simulate = self.bind(scope)
        if self.until is None or scope.window is None:
            return simulate
        return EndedSimulation.of(simulate, self.until, scope.window.end, f"{scope.table.name}.{scope.keys[3]}")

    def bind(self, scope: Scope) -> Simulation:
        """The simulation without the end of entities; `scope` is the place of the process, planned."""
        raise TypeError(f"process '{self.type}' has no bind")
