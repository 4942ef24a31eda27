"""Realism test at the end of the window: whether every row that began shortly before it has ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Bools, Ints, Rows
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.realism.base import RealismTest

BINS = 128
"""Halves of powers of two of microseconds."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenEndCounts:
    """Rows by their duration, and by the time left until the window's end, int64 (BINS,); open rows."""

    delays: Ints
    rooms: Ints
    open: int


@dataclass(frozen=True, eq=False)
class OpenEnds:
    """`column` comes after `since`, for the rows of `due` (all if None), unless the window ends before."""

    table: str
    column: str
    since: str
    end: int
    due: Callable[[Rows], Bools | None]
    name: ClassVar[str] = "AllClosed"
    group: Group = "realism"

    def observe(self, part: Slice) -> OpenEndCounts | None:
        block = part.block(self.table)
        if block is None:
            return None
        rows = Rows(block)
        begun, ended, due = rows.column(self.since), rows.column(self.column), self.due(rows)
        known = present(begun.valid, len(block)) & (True if due is None else due)
        closed = present(ended.valid, len(block)) & known
        delays = (ended.data - begun.data)[closed]
        return OpenEndCounts(
            _binned(delays), _binned((self.end - begun.data)[known]), int(np.count_nonzero(known & ~closed))
        )

    def merge(self, one: OpenEndCounts, other: OpenEndCounts) -> OpenEndCounts:
        return OpenEndCounts(one.delays + other.delays, one.rooms + other.rooms, one.open + other.open)

    def findings(self, state: OpenEndCounts | None) -> list[Finding]:
        sign = RealismTest(self.name, self.table, self.column)
        if state is None or not state.delays.sum():
            return [sign.not_applicable("there are no rows")]
        longer = 1.0 - np.cumsum(state.delays) / state.delays.sum()
        due = float((state.rooms * longer).sum())
        if due < 10:
            return [sign.not_applicable("durations are so short that no row need be open at the end")]
        message = f"{state.open:,} rows are open at the end, about {due:,.0f} are expected"
        return [sign.finding(state.open == 0, state.open, 0.0, message)]


def _binned(spans: Ints) -> Ints:
    place = (2 * np.log2(np.maximum(spans, 1).astype(np.float64))).astype(np.int64)
    return np.bincount(np.minimum(place, BINS - 1), minlength=BINS)
