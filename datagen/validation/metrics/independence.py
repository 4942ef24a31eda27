"""Tests that columns without a declared dependence are independent: of others, over time, within entities, along rows.

The quantile of a cell in its declared distribution, given everything that the document makes it depend on (a
generalized residual: Cox and Snell 1968), is uniform and independent of every column that does not depend on it. So one
test of the quantiles of a column against all else detects any undeclared dependence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Floats, Ints, Rows
from datagen.errors import Absent
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.contingency import counted, pair_sums
from datagen.validation.metrics.independence_verdicts import NAME, residual_findings
from datagen.validation.metrics.residuals import BANDS, Codes, Grouping, Places, Residual, ResidualState
from datagen.validation.metrics.row_sampling import sample_rows

MOST_ROWS = 80_000
FEWEST = 100
MOST_DAYS = 8192
_FAMILIES = 200
"""If a sample has fewer families than this, rows are sampled one by one."""

State = Mapping[str, ResidualState]


@dataclass(frozen=True, eq=False)
class Independence:
    """Every residual of `table` against everything else.

    `rows()` is the number of rows of the table, `roots()` that of its topmost ancestor. `day(rows)` is the day of the
    window, below `days`.
    """

    table: str
    residuals: tuple[Residual, ...]
    groupings: tuple[Grouping, ...]
    rows: Callable[[], int]
    roots: Callable[[], int]
    day: Codes | None = None
    days: int = 0
    name: ClassVar[str] = NAME
    group: Group = "dependence"

    def observe(self, part: Slice) -> State | None:
        block = part.block(self.table)
        rows = None if block is None else self._sampled(block)
        if rows is None or not len(rows):
            return None
        look = _SliceObservation(self, rows)
        found = {}
        for residual in self.residuals:
            try:
                found[residual.name] = look.at(residual)
            except Absent:
                continue
        return found

    def _sampled(self, block: Block) -> Rows:
        """Rows of whole families if there are many, else rows one by one."""
        share = MOST_ROWS / max(self.rows(), len(block), 1)
        rows = Rows(block)
        if share >= 1.0:
            return rows
        if self.roots() * share < _FAMILIES or block.parent is None:
            return Rows(block, sample_rows(block.ids, share, "independence"))
        return Rows(block, sample_rows(rows.above([*block.lineage()][-1].table).ids, share, "independence"))

    def merge(self, one: State, other: State) -> State:
        both = {**one, **other}
        return {name: one[name] + other[name] if name in one and name in other else both[name] for name in both}

    def findings(self, state: State | None) -> list[Finding]:
        found: list[Finding] = []
        for residual in self.residuals:
            seen = None if state is None else state.get(residual.name)
            if seen is not None and seen.moments[0] >= FEWEST:
                found += residual_findings(self.table, self.groupings, residual, seen)
        return found


class _SliceObservation:
    """The rows of one slice, with the codes of the groups, computed on demand."""

    def __init__(self, metric: Independence, rows: Rows) -> None:
        self._rows = rows
        self._facing = {one.name: one for one in metric.groupings}
        self._made: dict[str, Ints | None] = {}
        self._shared: dict[Places, Floats | None] = {one.places: None for one in metric.groupings if one.places}
        self._entities = _entities(rows)
        self._day = None if metric.day is None else metric.day(rows)
        self._days = metric.days

    def at(self, residual: Residual) -> ResidualState:
        """The state of a residual. Raises Absent."""
        places = self._placed(residual.places)
        there = ~np.isnan(places)
        score = np.where(there, places - 0.5, 0.0)
        own = _bands(places) if residual.code is None else residual.code(self._rows)
        tables = self._tables(residual, np.where(there, own, -1))
        number = there.astype(np.float64)
        moments = np.array([number.sum(), score.sum(), (score * score).sum()])
        if not residual.alike:
            return ResidualState(tables, moments, {}, np.zeros(3), np.zeros((2, self._days)))
        within = {
            name: pair_sums(*(np.bincount(at, w).astype(np.float64) for w in (number, score)))
            for name, at in self._entities.items()
        }
        return ResidualState(tables, moments, within, self._steps(score, there), self._by_day(number, score))

    def _tables(self, residual: Residual, own: Ints) -> dict[str, Floats]:
        found = {"": np.bincount(own[own >= 0], minlength=residual.levels).astype(np.float64)}
        for name in residual.against:
            codes = self._codes(name)
            if codes is not None:
                found[name] = counted(own, codes, (residual.levels, self._facing[name].levels))
        return found

    def _codes(self, name: str) -> Ints | None:
        if name not in self._made:
            try:
                self._made[name] = self._coded(self._facing[name])
            except Absent:
                self._made[name] = None
        return self._made[name]

    def _coded(self, grouping: Grouping) -> Ints | None:
        if grouping.code is not None:
            return np.asarray(grouping.code(self._rows), np.int64)
        if grouping.places is not None:
            places = self._placed(grouping.places)
            return np.where(np.isnan(places), BANDS, _bands(places))
        assert grouping.pair is not None
        one, two = map(self._codes, grouping.pair)
        if one is None or two is None:
            return None
        return np.where((one >= 0) & (two >= 0), one * self._facing[grouping.pair[1]].levels + two, -1)

    def _placed(self, places: Places) -> Floats:
        """The quantiles of a column; those that several tests use are computed once."""
        found = self._shared.get(places)
        if found is None:
            found = places(self._rows)
            if places in self._shared:
                self._shared[places] = found
        return found

    def _steps(self, score: Floats, there: Bools) -> Floats:
        """Of successive non-missing rows of one entity: products, sums, and their number."""
        same = there[1:] & there[:-1]
        if self._entities:
            parent = next(iter(self._entities.values()))
            same &= parent[1:] == parent[:-1]
        one, two = score[:-1][same], score[1:][same]
        return np.array([(one * two).sum(), (one + two).sum(), float(len(one))])

    def _by_day(self, number: Floats, score: Floats) -> Floats:
        if self._day is None:
            return np.zeros((2, self._days))
        known = self._day >= 0
        return np.stack([np.bincount(self._day[known], w[known], minlength=self._days) for w in (number, score)])


def _bands(places: Floats) -> Ints:
    return np.minimum(np.nan_to_num(places) * BANDS, BANDS - 1).astype(np.int64)


def _entities(rows: Rows) -> dict[str, Ints]:
    """The position of each row's ancestors in their blocks, by table, nearest first."""
    above = [rows.above(block.table) for block in rows.block.lineage()][1:]
    return {here.block.table: here.at for here in above if here.at is not None}
