"""Attributes of an entity that a process changes along the way, such as the plan of a subscription."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.generators.support.column_lookup import domain_of, type_problems
from datagen.kinds.processes.support.states import Hazards, Shares
from datagen.names import ColumnName
from datagen.registry import Strict, did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

RESERVED = frozenset(
    {"state", "next_state", "from", "to", "at", "run", "number", "share", "transitions", "current", "version"}
)
"""Names of the attributes that views give themselves."""

Factor = Annotated[float, Field(ge=0, le=1e6)]


class ChangingAttribute(Strict):
    """A category that an entity has at each moment: where it begins, and the hazards by which it changes.

    A change is a transition from a state to itself: the stay ends, and another one begins with the new value.
    """

    start: Shares | None = Field(default=None, description="the first value, or several with weights")
    column: ColumnName | None = Field(
        default=None, description="a category column of the entity that holds the first value, instead of `start`"
    )
    in_: Annotated[tuple[ColumnName, ...], Field(max_length=100)] = Field(
        default=(), alias="in", description="the states, with `exits`, in which it can change"
    )
    changes: Annotated[dict[str, Hazards], Field(max_length=100)] = Field(
        default={},
        description=(
            "for a value, the distribution of the time to a change to each other value, beside the exits of the state"
        ),
    )
    values: Annotated[tuple[str, ...], Field(max_length=1000)] = Field(
        default=(), description="values of `column` that nothing else here names"
    )
    multiply: dict[str, dict[str, Factor]] = Field(
        default={}, description="for a value, factors on targets of the process, such as `active>cancelled`"
    )

    @cached_property
    def domain(self) -> tuple[str, ...]:
        """All values, sorted: codes count them from 0."""
        targets = (to for distributions in self.changes.values() for to in distributions)
        return tuple(sorted({*(self.start or ()), *self.changes, *targets, *self.multiply, *self.values}))

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        """The changes, as (from, to)."""
        return tuple((origin, to) for origin in sorted(self.changes) for to in sorted(self.changes[origin]))

    def factors(self, path: str) -> Floats | None:
        """The factor on a target for each value, shape (values,); None where it has none."""
        if not any(path in multiply for multiply in self.multiply.values()):
            return None
        return np.array([self.multiply.get(value, {}).get(path, 1.0) for value in self.domain])

    def problems(self, scope: Scope, hazards: Mapping[str, bool], targets: Mapping[str, str]) -> Iterator[Problem]:
        """What is wrong with it; `hazards` says of each state whether it has exits, `targets` what can
        be multiplied.
        """
        yield from self._start_problems(scope)
        if bool(self.in_) != bool(self.changes):
            message = "needs both 'changes' and the states in which they happen ('in'), or neither"
            yield scope.problem("conflict", message, "leave out one, or write the other")
        for state in self.in_:
            if state not in hazards:
                hint = did_you_mean(state, list(hazards))
                yield scope.problem("unknown-process", f"there is no state '{state[:60]}'", hint, "in")
            elif not hazards[state]:
                message = f"changes compete with the exits of a state, and '{state}' has none"
                yield scope.problem("conflict", message, "name a state with 'exits'", "in")
        for origin, to in self.edges:
            place = scope.at("changes", origin, to)
            if to == origin:
                yield place.problem("no-effect", "a change to the same value has no effect", "leave it out")
            yield from self.changes[origin][to].problems(place)
        for value in self.multiply:
            yield from self._factor_problems(value, scope.at("multiply", value), targets)

    def _factor_problems(self, value: str, scope: Scope, targets: Mapping[str, str]) -> Iterator[Problem]:
        for path, factor in self.multiply[value].items():
            if path not in targets:
                message, hint = f"there is no target '{path[:120]}'", did_you_mean(path, list(targets))
                yield scope.problem("unknown-process", message, hint, path)
            elif factor == 1:
                yield scope.problem("no-effect", "a factor of 1 changes nothing", "leave it out", path)

    def _start_problems(self, scope: Scope) -> Iterator[Problem]:
        if (self.start is None) == (self.column is None):
            yield scope.problem("conflict", "needs one of 'start' and 'column'", 'write "start": "basic", for example')
        elif self.start is not None and not any(self.start.values()):
            yield scope.problem("range", "every weight is 0", "give one value a weight above 0", "start")
        if self.column is not None:
            yield from self._column_problems(scope, self.column)

    def _column_problems(self, scope: Scope, column: str) -> Iterator[Problem]:
        wrong = [*type_problems(scope, column, ("category",), "column")]
        yield from wrong
        if wrong:
            return
        if scope.nullable(column):
            yield scope.problem(
                "nullable", f"'{column}' can be missing", "name a column that is never missing", "column"
            )
        strange = [word for word in domain_of(scope, column) or () if word not in self.domain]
        if strange:
            message = f"no change and no factor covers {', '.join(strange)[:120]} of '{column}'"
            yield scope.problem("missing-case", message, "name them in 'values'", "column")
