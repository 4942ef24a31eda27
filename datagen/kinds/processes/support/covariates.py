"""Time-dependent covariates: hazards that depend on how many rows of another table came in the time before.

Cox, "Regression Models and Life-Tables", 1972; Andersen and Gill, "Cox's regression for counting processes", 1982.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.columnar.block import Block, Bools, Floats, Ints
from datagen.columnar.ragged import positions
from datagen.names import TableName
from datagen.registry import Strict, did_you_mean
from datagen.time_units import DAY, Duration

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ForeseenRows, Scope

_LONGEST = 731 * DAY
_FACTOR = {"type": "number", "minimum": 0, "maximum": 100}


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, int | float) and not isinstance(data, bool) else data


Steps = Annotated[
    tuple[Annotated[float, Field(ge=0, le=100)], ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [_FACTOR, {"type": "array", "items": _FACTOR, "minItems": 1, "maxItems": 100}]}),
]
"""Factors for one row, two rows and so on, the last one for all higher numbers; a number is short for a list of one."""


class Covariate(Strict):
    """The number of rows of a table below the entity in the time before, and what it multiplies hazards with."""

    table: TableName = Field(description="a table of events below the entity")
    within: Duration = Field(gt=0, le=_LONGEST, description="how long a row counts")
    multiply: Annotated[dict[str, Steps], Field(min_length=1, max_length=100)] = Field(
        description="for hazards (`state>state`), the factor at one row, at two rows, and so on; the last for all more"
    )

    def problems(self, scope: Scope, process: str, hazards: Sequence[str]) -> Iterator[Problem]:
        """What is wrong with it; `hazards` are the paths that it can multiply."""
        yield from self._table_problems(scope, process)
        for path, factors in self.multiply.items():
            if path not in hazards:
                message, hint = f"there is no hazard '{path[:120]}'", did_you_mean(path, list(hazards))
                yield scope.problem("unknown-process", message, hint, "multiply", path)
            elif set(factors) == {1.0}:
                yield scope.problem("no-effect", "factors of 1 change nothing", "leave it out", "multiply", path)

    def _table_problems(self, scope: Scope, process: str) -> Iterator[Problem]:
        target = scope.tables().get(self.table)
        if target is None:
            hint = did_you_mean(self.table, list(scope.tables()))
            yield scope.problem("unknown-table", f"there is no table '{self.table}'", hint, "table")
        elif target.parent != scope.table.name:
            message = f"'{self.table}' is not below '{scope.table.name}'"
            yield scope.problem("unrelated-table", message, "name a table whose parent it is", "table")
        elif not target.rows.foreseen:
            message = f"the rows of '{self.table}' cannot be known before the process"
            yield scope.problem("conflict", message, "name a table of events that nothing triggers or filters", "table")
        elif target.rows.follows not in (None, process):
            message = f"the rows of '{self.table}' follow another process, '{target.rows.follows}'"
            yield scope.problem("conflict", message, "name a table without 'during', or during this process", "table")


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Moments of n rows below entities, in the order of entity and time: `counts` (entities,), `times` (n,)."""

    counts: Ints
    times: Ints

    def before(self, owner: Ints, times: Ints) -> Ints:
        """The position of the first row of each of these entities that is not before its time, shape (m,)."""
        stop = np.cumsum(self.counts)[owner]
        low, high = stop - self.counts[owner], stop
        while (low < high).any():
            middle = (low + high) // 2
            less = self.times.take(np.minimum(middle, max(len(self.times) - 1, 0))) < times
            open_ = low < high
            low, high = np.where(open_ & less, middle + 1, low), np.where(open_ & ~less, middle, high)
        return low

    def last(self, owner: Ints) -> Ints:
        """The time of the last row of each of these entities, shape (m,); early where there is none."""
        found = np.full(len(owner), -(2**61))
        some = np.flatnonzero(self.counts[owner])
        found[some] = self.times[np.cumsum(self.counts)[owner[some]] - 1]
        return found


@dataclass(slots=True, eq=False)
class History:
    """The rows of one table as a simulation meets them.

    Rows that occur only in some states are known up to the beginning of a stay; during the stay they are those that
    occur in its state.
    """

    candidates: ForeseenRows
    parents: Block
    moments: Moments = field(init=False)
    seen: Bools | None = field(init=False, default=None)
    total: Ints | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.moments = Moments(*self.candidates.moments(self.parents))
        if self.candidates.limited:
            self.seen = np.zeros(len(self.moments.times), np.bool_)
            self.total = np.zeros(len(self.seen) + 1, np.int64)

    def go_on(self, owner: Ints, state: Ints, entered: Ints, left: Ints) -> None:
        """Notes the rows during stays in these states, shape (m,) each."""
        if self.seen is None:
            return
        first, stop = self.moments.before(owner, entered), self.moments.before(owner, left)
        counts = np.maximum(stop - first, 0)
        at = positions(first, counts)
        during = np.repeat(state, counts)
        for code in np.unique(during):
            some = at[during == code]
            self.seen[some] = self.candidates.occur(self.parents, int(code))[some]
        self.total = np.concatenate([[0], np.cumsum(self.seen)])

    def number(self, owner: Ints, state: int, times: Ints, since: tuple[Ints, Ints]) -> Ints:
        """The rows before each time, from the second of `since` on, during a stay in `state` since the first; (m,)."""
        entered, begin = since
        low, high = self.moments.before(owner, begin), self.moments.before(owner, times)
        if self.total is None:
            return high - low
        cut = self.moments.before(owner, entered)
        now = np.concatenate([[0], np.cumsum(self.candidates.occur(self.parents, state))])
        earlier = self.total[np.minimum(high, cut)] - self.total[np.minimum(low, cut)]
        found: Ints = earlier + now[np.maximum(high, cut)] - now[np.maximum(low, cut)]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Acting:
    """A covariate of one hazard: the table, how long a row counts (microseconds), and the factor by number of rows."""

    table: str
    within: int
    factors: Floats
    state: int = -1

    @classmethod
    def on(cls, covariates: Sequence[Covariate], path: str, state: int = -1) -> tuple[Acting, ...]:
        """Those that act on the hazard at `path`, which leads out of `state`."""
        acting = (one for one in covariates if path in one.multiply)
        return tuple(cls(one.table, one.within, np.array([1.0, *one.multiply[path]]), state) for one in acting)

    def factor(self, number: Ints) -> Floats:
        return self.factors.take(np.minimum(number, len(self.factors) - 1))


@dataclass(frozen=True, slots=True, eq=False)
class Modulation:
    """What covariates multiply one hazard with during m stays of entities `owner`, in time."""

    acting: tuple[Acting, ...]
    histories: Mapping[str, History]
    owner: Ints
    entered: Ints

    @property
    def most(self) -> Floats:
        """A bound of it, shape (m,)."""
        bound = np.ones(len(self.owner))
        for one in self.acting:
            highest = np.maximum.accumulate(one.factors)
            counts = self.histories[one.table].moments.counts[self.owner]
            bound *= highest.take(np.minimum(counts, len(highest) - 1))
        return bound

    @property
    def over(self) -> Ints:
        """The time from which on it is 1, shape (m,)."""
        ends = [self.histories[one.table].moments.last(self.owner) + one.within + 1 for one in self.acting]
        found: Ints = np.maximum.reduce(ends)
        return found

    def at(self, stays: Ints, times: Ints) -> Floats:
        """It in the stays at these positions at their times, shape (k,)."""
        product, owner = np.ones(len(times)), self.owner[stays]
        for one in self.acting:
            since = self.entered[stays], times - one.within
            product *= one.factor(self.histories[one.table].number(owner, one.state, times, since))
        return product


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """Parts of stays during which covariates do not change: the position of the stay, the bounds, and the factor."""

    stay: Ints
    low: Ints
    high: Ints
    factor: Floats


def pieces(acting: tuple[Acting, ...], known: Mapping[str, Moments], owner: Ints, seen: tuple[Ints, Ints]) -> Pieces:
    """The parts of m stays of entities `owner`, from the first to the second of `seen`, shape (m,) each."""
    entered, until = seen
    edges = [(np.arange(len(owner)), entered)]
    for one in acting:
        moments = known[one.table]
        first, stop = moments.before(owner, entered - one.within), moments.before(owner, until)
        counts = np.maximum(stop - first, 0)
        at = positions(first, counts)
        stay, times = np.repeat(np.arange(len(owner)), counts), moments.times[at]
        edges += [(stay, times + 1), (stay, times + one.within + 1)]
    stay, low = (np.concatenate(part) for part in zip(*edges, strict=True))
    inside = (low >= entered[stay]) & ((low < until[stay]) | (low == entered[stay]))
    stay, low = stay[inside], low[inside]
    order = np.lexsort((low, stay))
    stay, low = stay[order], low[order]
    last = np.append(stay[1:] != stay[:-1], True)[: len(stay)]
    high = np.where(last, until[stay], np.append(low[1:], 0)[: len(low)])
    factor = np.ones(len(stay))
    for one in acting:
        moments = known[one.table]
        number = moments.before(owner[stay], low) - moments.before(owner[stay], low - one.within)
        factor *= one.factor(number)
    return Pieces(stay, low, high, factor)


__all__ = ["Acting", "Covariate", "History", "Modulation", "Moments", "Pieces", "pieces"]
