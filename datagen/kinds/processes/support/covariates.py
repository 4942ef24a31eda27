"""Time-dependent covariates: hazards that depend on the rows of another table that came in the time before: their
number, or the sum, the mean or the last value of a column.

Cox, "Regression Models and Life-Tables", 1972; Andersen and Gill, "Cox's regression for counting processes", 1982.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.columnar.block import Block, Bools, Floats, Ints
from datagen.columnar.millionths import MILLION, millionths
from datagen.columnar.ragged import positions
from datagen.names import ColumnName, TableName
from datagen.random.math.elementary import exp, log
from datagen.registry import Strict, did_you_mean
from datagen.time_units import DAY, Duration

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ForeseenRows, Scope

_LONGEST = 731 * DAY
_LEAST, _MOST = 1e-6, 100.0
"""The bounds of the factor of one covariate."""
MOST_TOGETHER = 10_000.0
"""The largest product of the factors of all covariates of a hazard."""
_LARGE, _NEVER = 4.0, 2**61
"""The product of factors from which on the values that it has are computed, and a time after all others."""
_FAR = 9e12
"""A figure that no row reaches: in millionths it nearly fills 64 bits."""
_FACTOR = {"type": "number", "minimum": 0, "maximum": _MOST}


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, int | float) and not isinstance(data, bool) else data


class LogLinear(Strict):
    """A factor that grows or falls by the same ratio with each unit of the figure, as in a Cox regression."""

    factor: float = Field(gt=0, le=100, description="the factor of each unit", examples=[1.2])
    per: float = Field(default=1.0, gt=0, le=1e12, description="the unit of the figure: 1 row, or 10 of an amount")
    from_: float = Field(default=0.0, alias="from", description="the figure up to which the factor is 1")
    to: float = Field(description="the figure from which on it does not change any more", examples=[5])

    @property
    def most(self) -> float:
        """The largest factor."""
        return max(1.0, float(self.at(np.array([self.to]))[0]))

    def at(self, figures: Floats) -> Floats:
        """The factor of each figure, shape (n,)."""
        units = (np.clip(figures, self.from_, self.to) - self.from_) / self.per
        return exp(units * log(np.array([self.factor])))

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.factor == 1.0:
            yield scope.problem("no-effect", "a factor of 1 changes nothing", "leave it out", "factor")
        if self.to <= self.from_:
            yield scope.problem("range", f"it ends at {self.to:g} and begins at {self.from_:g}", "swap them", "to")
        elif not _LEAST <= float(self.at(np.array([self.to]))[0]) <= _MOST:
            message = (
                f"a factor of {self.factor:g} per {self.per:g} up to {self.to:g} is not between 1e-6 and {_MOST:g}"
            )
            yield scope.problem("range", message, "write a lower 'to', or a factor closer to 1", "to")


Steps = Annotated[
    tuple[Annotated[float, Field(ge=0, le=_MOST)], ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [_FACTOR, {"type": "array", "items": _FACTOR, "minItems": 1, "maxItems": 100}]}),
]
"""Factors from each threshold on: by default for one row, two rows and so on, the last one for all higher numbers; a
number is short for a list of one.
"""
Measure = Literal["count", "sum", "mean", "last"]


class Covariate(Strict):
    """A figure of the rows of a table below the entity in the time before, and what it multiplies hazards with.

    The figure is their number, or the sum, mean or last value of a column of numbers; missing values are 0. Without
    rows the factor is 1.
    """

    table: TableName = Field(description="a table of events below the entity")
    within: Duration = Field(gt=0, le=_LONGEST, description="how long a row counts")
    measure: Measure = Field(
        default="count", description="what is known of the rows: the figure that thresholds are of"
    )
    column: ColumnName | None = Field(default=None, description="the column of numbers for sum, mean and last")
    thresholds: Annotated[tuple[float, ...], Field(max_length=100)] = Field(
        default=(), description="the figures from which on each factor holds, ascending; by default 1, 2, 3 rows"
    )
    multiply: Annotated[dict[str, Steps | LogLinear], Field(min_length=1, max_length=100)] = Field(
        description=(
            "for hazards (`state>state`), the factor from each threshold on, the last for all more; or a factor for "
            "each unit of the figure, with `to`"
        )
    )

    def problems(self, scope: Scope, process: str, hazards: Sequence[str]) -> Iterator[Problem]:
        """What is wrong with it; `hazards` are the paths that it can multiply."""
        wrong = list(self._table_problems(scope, process))
        yield from wrong or self._measure_problems(scope)
        for path, factors in self.multiply.items():
            if path not in hazards:
                message, hint = f"there is no hazard '{path[:120]}'", did_you_mean(path, list(hazards))
                yield scope.problem("unknown-process", message, hint, "multiply", path)
            elif isinstance(factors, LogLinear):
                yield from factors.problems(scope.at("multiply", path))
            elif set(factors) == {1.0}:
                yield scope.problem("no-effect", "factors of 1 change nothing", "leave it out", "multiply", path)
            elif self.thresholds and len(factors) != len(self.thresholds):
                message = f"there are {len(self.thresholds)} thresholds and {len(factors)} factors"
                yield scope.problem("conflict", message, "write a factor for each threshold", "multiply", path)

    def _measure_problems(self, scope: Scope) -> Iterator[Problem]:
        counted, target = self.measure == "count", scope.tables()[self.table]
        stepped = not all(isinstance(factors, LogLinear) for factors in self.multiply.values())
        if counted != (self.column is None) or (not counted and stepped and not self.thresholds):
            message = "a sum, a mean and a last value need a 'column' and 'thresholds'; a count has no column"
            yield scope.problem("conflict", message, "write both, or neither", "measure")
        elif self.thresholds and not stepped:
            message = "thresholds have no effect: every factor is for each unit of the figure"
            yield scope.problem("no-effect", message, "leave them out", "thresholds")
        elif any(high <= low for low, high in pairwise(self.thresholds)):
            yield scope.problem("range", "the thresholds do not ascend", "sort them", "thresholds")
        elif self.column is not None and self.column not in target.columns:
            message = f"'{self.table}' has no column '{self.column}'"
            yield scope.problem("unknown-column", message, did_you_mean(self.column, list(target.columns)), "column")
        elif self.column is not None:
            type_ = scope.type_of(self.column, self.table)
            if type_ is not None and type_.name not in ("int", "float", "decimal"):
                message = f"'{self.table}.{self.column}' is a column of type {type_}"
                yield scope.problem("type", message, "name a column of numbers", "column")
            wrong = scope.foreseen_column_problem(self.table, self.column)
            if wrong:
                yield scope.problem("conflict", wrong, "name a column that is known before the process", "column")

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
class RowTimes:
    """Times of n rows below entities, in the order of entity and time: `counts` (entities,), `times` (n,), and the
    cells of columns in millionths, (n,) each.
    """

    counts: Ints
    times: Ints
    values: Mapping[str, Ints] = field(default_factory=dict)
    ranked: list[Ints] = field(default_factory=list)
    """The distinct times, ascending, and a number for each row that grows with its entity and the rank of its time."""

    def before(self, owner: Ints, times: Ints) -> Ints:
        """The position of the first row of each of these entities that is not before its time, shape (m,)."""
        if not self.ranked:
            distinct, rank = np.unique(self.times, return_inverse=True)
            size = len(distinct) + 1
            self.ranked.extend((distinct, np.repeat(np.arange(len(self.counts)) * size, self.counts) + rank))
        distinct, rows = self.ranked
        return np.searchsorted(rows, owner * (len(distinct) + 1) + np.searchsorted(distinct, times))

    def last(self, owner: Ints) -> Ints:
        """The time of the last row of each of these entities, shape (m,); early where there is none."""
        found = np.full(len(owner), -(2**61))
        some = np.flatnonzero(self.counts[owner])
        found[some] = self.times[np.cumsum(self.counts)[owner[some]] - 1]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CumulativeSums:
    """What is known of n rows in the order of entity and time, of which some are there: how many, and of columns the
    sums and the values, in millionths.
    """

    there: Bools | None
    values: Mapping[str, Ints]
    memo: dict[str, Ints] = field(default_factory=dict)

    def _sums(self, column: str | None, rows: int) -> Ints:
        """The number of rows, or the sum of a column, before each row and after all, shape (n + 1,)."""
        key = column or ""
        if key not in self.memo:
            each = np.ones(rows, np.int64) if column is None else self.values[column]
            each = each if self.there is None else np.where(self.there, each, 0)
            self.memo[key] = np.concatenate([np.zeros(1, np.int64), np.cumsum(each)])
        return self.memo[key]

    def between(self, column: str | None, low: Ints, high: Ints, rows: int) -> Ints:
        """The number of rows from position `low` to `high`, shape (m,), or the sum of a column."""
        sums = self._sums(column, rows)
        found: Ints = np.where(high > low, sums[high] - sums[low], 0)
        return found

    def last(self, low: Ints, high: Ints, rows: int) -> Ints:
        """The position of the last row from `low` to `high`, shape (m,); -1 where there is none."""
        if "last" not in self.memo:
            at = np.arange(rows)
            self.memo["last"] = np.maximum.accumulate(at if self.there is None else np.where(self.there, at, -1))
        found = self.memo["last"].take(np.maximum(high - 1, 0), mode="clip") if rows else np.full(len(high), -1)
        return np.where((high > low) & (found >= low), found, -1)


Span = tuple[CumulativeSums, Ints, Ints]
"""Rows of a tally from one position to another, shape (m,) each."""


@dataclass(slots=True, eq=False)
class History:
    """The rows of one table as a simulation meets them, with the cells of some `columns`.

    Rows that occur only in some states are known up to the beginning of a stay; during the stay they are those that
    occur in its state.
    """

    candidates: ForeseenRows
    parents: Block
    columns: tuple[str, ...] = ()
    moments: RowTimes = field(init=False)
    values: dict[str, Ints] = field(init=False)
    seen: Bools | None = field(init=False, default=None)
    past: CumulativeSums = field(init=False)
    present: dict[int, CumulativeSums] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.moments = RowTimes(*self.candidates.moments(self.parents))
        self.values = {name: millionths(self.candidates.cells(self.parents, name)) for name in self.columns}
        if self.candidates.limited:
            self.seen = np.zeros(len(self.moments.times), np.bool_)
        self.past = CumulativeSums(self.seen, self.values)

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
        self.past = CumulativeSums(self.seen, self.values)

    def spans(self, owner: Ints, state: int, times: Ints, since: tuple[Ints, Ints]) -> list[Span]:
        """The rows before each time, from the second of `since` on, during a stay in `state` since the first; (m,)
        each.
        """
        entered, begin = since
        low, high = self.moments.before(owner, begin), self.moments.before(owner, times)
        if self.seen is None:
            return [(self.past, low, high)]
        cut = self.moments.before(owner, entered)
        if state not in self.present:
            self.present[state] = CumulativeSums(self.candidates.occur(self.parents, state), self.values)
        return [(self.past, low, np.minimum(high, cut)), (self.present[state], np.maximum(low, cut), high)]


@dataclass(frozen=True, slots=True, eq=False)
class BoundCovariate:
    """A covariate of one hazard: the factor below the first threshold and from each threshold on, or one for each unit
    of the figure.
    """

    declared: Covariate
    factors: Floats | LogLinear
    state: int = -1

    @classmethod
    def on(cls, covariates: Sequence[Covariate], path: str, state: int = -1) -> tuple[BoundCovariate, ...]:
        """Those that act on the hazard at `path`, which leads out of `state`."""
        acting = ((one, one.multiply[path]) for one in covariates if path in one.multiply)
        return tuple(
            cls(one, factors if isinstance(factors, LogLinear) else np.array([1.0, *factors]), state)
            for one, factors in acting
        )

    @property
    def table(self) -> str:
        return self.declared.table

    @property
    def within(self) -> int:
        return self.declared.within

    def most(self, counts: Ints) -> Floats:
        """The largest factor of entities with so many rows in all, shape (m,)."""
        if isinstance(self.factors, LogLinear):
            return np.where(counts > 0, self.factors.most, 1.0)
        highest = np.maximum.accumulate(self.factors)
        if self.declared.measure == "count" and not self.declared.thresholds:
            return highest.take(np.minimum(counts, len(highest) - 1))
        found: Floats = np.where(counts > 0, highest[-1], 1.0)
        return found

    def factor(self, spans: Sequence[Span], rows: int) -> Floats:
        """The factor of the figure of these rows of `rows`, shape (m,)."""
        number = _added(tally.between(None, low, high, rows) for tally, low, high in spans)
        if isinstance(self.factors, LogLinear):
            figure, size = self._figure(spans, number, rows)
            figures = figure / (np.maximum(size, 1) * float(MILLION))
            return np.where(number > 0, self.factors.at(figures), 1.0)
        if self.declared.measure == "count" and not self.declared.thresholds:
            return self.factors.take(np.minimum(number, len(self.factors) - 1))
        figure, size = self._figure(spans, number, rows)
        mean = figure // np.maximum(size, 1)  # rounded down: a limit times the size may be more than 64 bits
        reached = [mean >= round(min(max(one, -_FAR), _FAR) * MILLION) for one in self.declared.thresholds]
        return self.factors.take(np.where(number > 0, np.add.reduce(reached, dtype=np.int64), 0))

    def _figure(self, spans: Sequence[Span], number: Ints, rows: int) -> tuple[Ints, Ints]:
        """The figure of `number` rows in millionths, shape (m,), and what it is divided by."""
        measure, column = self.declared.measure, self.declared.column
        one = np.ones(len(number), np.int64)
        if column is None:
            return number * MILLION, one
        if measure in ("sum", "mean"):
            total = _added(tally.between(column, low, high, rows) for tally, low, high in spans)
            return total, number if measure == "mean" else one
        last: Ints = np.maximum.reduce([tally.last(low, high, rows) for tally, low, high in spans])
        figure = spans[0][0].values[column].take(np.maximum(last, 0), mode="clip") if rows else number
        return figure, one


def _added(parts: Iterable[Ints]) -> Ints:
    found: Ints = np.add.reduce(list(parts))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Modulation:
    """What covariates multiply one hazard with during m stays of entities `owner`, in time."""

    acting: tuple[BoundCovariate, ...]
    histories: Mapping[str, History]
    owner: Ints
    entered: Ints
    found: list[tuple[Floats, tuple[Ints, Ints, Floats]]] = field(default_factory=list)

    @property
    def most(self) -> Floats:
        """A bound of it, shape (m,)."""
        return self.before(np.full(len(self.owner), _NEVER))

    def before(self, times: Ints) -> Floats:
        """A bound of it before a time in each stay, shape (m,): where factors are large, the largest value that it has
        until then.
        """
        if not self.found:
            bound = np.ones(len(self.owner))
            for one in self.acting:
                bound *= one.most(self.histories[one.table].moments.counts[self.owner])
            large = np.flatnonzero(bound > _LARGE)
            bound[large] = 1.0
            self.found.append((bound, self._values(large)))
        bound, (stay, begin, factor) = self.found[0]
        there, largest = begin < times[stay], bound.copy()
        np.maximum.at(largest, stay[there], factor[there])
        return largest

    def _values(self, stays: Ints) -> tuple[Ints, Ints, Floats]:
        """All values that it has in the stays at these positions, each with its stay and when it begins."""
        owner, entered = self.owner[stays], self.entered[stays]
        edges = [(stays, entered)]
        for one in self.acting:
            moments = self.histories[one.table].moments
            first, stop = moments.before(owner, entered - one.within), np.cumsum(moments.counts)[owner]
            at = positions(first, stop - first)
            stay, times = np.repeat(stays, stop - first), moments.times[at]
            edges += [(stay, times + 1), (stay, times + one.within + 1)]
        stay, begin = (np.concatenate(part) for part in zip(*edges, strict=True))
        inside = begin >= self.entered[stay]
        stay, begin = stay[inside], begin[inside]
        return stay, begin, self.at(stay, begin)

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
            since, history = (self.entered[stays], times - one.within), self.histories[one.table]
            product *= one.factor(history.spans(owner, one.state, times, since), len(history.moments.times))
        return np.minimum(product, MOST_TOGETHER)


@dataclass(frozen=True, slots=True, eq=False)
class ConstantIntervals:
    """Parts of stays during which covariates do not change: the position of the stay, the bounds, and the factor."""

    stay: Ints
    low: Ints
    high: Ints
    factor: Floats


def constant_intervals(
    acting: tuple[BoundCovariate, ...], known: Mapping[str, RowTimes], owner: Ints, seen: tuple[Ints, Ints]
) -> ConstantIntervals:
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
        first, stop = moments.before(owner[stay], low - one.within), moments.before(owner[stay], low)
        factor *= one.factor([(CumulativeSums(None, moments.values), first, stop)], len(moments.times))
    return ConstantIntervals(stay, low, high, np.minimum(factor, MOST_TOGETHER))


__all__ = [
    "BoundCovariate",
    "ConstantIntervals",
    "Covariate",
    "History",
    "Modulation",
    "RowTimes",
    "constant_intervals",
]
