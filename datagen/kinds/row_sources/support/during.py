"""When parents have events: an interval between two of their columns, and certain states of a process."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints, Rows
from datagen.columnar.ragged import ordinals
from datagen.columnar.row_time import moments
from datagen.errors import PlanError
from datagen.kinds.row_sources.support.process_view import States, name_problems
from datagen.point_process.effects import Interval
from datagen.point_process.trajectory import Trajectory
from datagen.registry import Strict

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import DeclaredProcess, Scope

MOST_SPELLS = 200
"""The most stays of one entity in these states."""


@dataclass(frozen=True, slots=True)
class ActivityInterval:
    """The interval in which each of n parents has events, microseconds (n,) each, within `bounds`; lifetimes are not
    applied.
    """

    since: str | None
    until: str | None
    bounds: tuple[int, int]

    def __call__(self, rows: Rows) -> tuple[Ints, Ints]:
        start = np.full(len(rows), self.bounds[0], np.int64)
        end = np.full(len(rows), self.bounds[1], np.int64)
        born = moments(rows)
        if born is not None:
            start = np.maximum(born, start)
        if self.since:
            since = rows.column(self.since)
            start = np.where(True if since.valid is None else since.valid, np.maximum(start, since.data), end)
        if self.until:
            until = rows.column(self.until)
            end = np.where(True if until.valid is None else until.valid, np.minimum(end, until.data), end)
        return start, end


class During(Strict):
    """Restricts events to times when the parent is in these states of its process."""

    process: str = Field(description="a process of the parent")
    states: States = Field(description="the states in which events occur; a bare name is short for a list of one")
    multiply: Annotated[dict[str, Annotated[float, Field(gt=0, le=1e6)]], Field(max_length=100)] = Field(
        default={}, description="factors on the rate in some of these states"
    )

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of the declaration; `scope` is its place in the row source."""
        parent = scope.tables().get(scope.table.parent or "")
        yield from name_problems(scope, self.process, [("states", self.states)])
        if parent is None or self.process not in parent.processes:
            return
        for state, factor in self.multiply.items():
            if state not in self.states:
                message = f"no events occur in '{state[:60]}', so it has no effect"
                yield scope.problem("no-effect", message, "name it in 'states' too", "multiply", state)
            elif factor == 1:
                yield scope.problem("no-effect", "a factor of 1 changes nothing", "leave it out", "multiply", state)

    def factors(self, process: DeclaredProcess) -> Mapping[int, float]:
        """The factor in each of the states, by code."""
        names = process.state_names
        return {names.index(state): self.multiply.get(state, 1.0) for state in self.states}


def spells_of(found: Trajectory, factors: Mapping[int, float], end: int) -> tuple[list[Interval], list[Floats]]:
    """The stays of each of n entities in these states, in time order, and the factor in each; shape (n,) each.

    Entities with fewer stays have empty ones at the end. `end` bounds open stays. Raises PlanError if there are too
    many.
    """
    at = np.flatnonzero(found.within(np.array(list(factors), np.int64)))
    owner, entities = found.owner[at], len(found.counts)
    counts = np.bincount(owner, minlength=entities)
    most = max(int(counts.max(initial=0)), 1)
    if most > MOST_SPELLS:
        raise PlanError(
            f"one entity has {most:,} stays in the states of 'during' (at most {MOST_SPELLS}); lengthen the stays"
        )
    number = ordinals(counts)
    start, stop = np.full((most, entities), -1, np.int64), np.full((most, entities), end, np.int64)
    factor = np.ones((most, entities))
    table = np.array([factors.get(code, 1.0) for code in range(max(factors) + 1)])
    start[number, owner], stop[number, owner] = found.entered[at], np.minimum(found.left[at], end)
    factor[number, owner] = table.take(found.state[at])
    for k in range(most):
        none = start[k] == -1
        stop[k] = np.where(none, stop[k - 1] if k else end, stop[k])
        start[k] = np.where(none, stop[k], start[k])
    return list(zip(start, stop, strict=True)), list(factor)


def shared(one: list[Interval], other: list[Interval]) -> tuple[list[Interval], list[int]]:
    """The intersections of two lists of spells in time order, and the position in `one` of each."""
    found: list[Interval] = []
    position: list[int] = []
    before: Ints | None = None
    for number, (begin, finish) in enumerate(one):
        for start, stop in other:
            low, high = np.maximum(begin, start), np.minimum(finish, stop)
            if before is not None:
                low = np.maximum(low, before)
            empty = high <= low
            if before is not None:
                low = np.where(empty, before, low)
            high = np.where(empty, low, high)
            found.append((low, high))
            position.append(number)
            before = high
    return found, position
