"""The bridge from one month's level of an amount to the next: what began, returned, increased, decreased and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from datagen.columnar.block import Ints
from datagen.declarations.processes import LevelBridgeDeclaration
from datagen.errors import Absent
from datagen.expressions.functions.temporal import months_of
from datagen.time_units import DAY
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.report import chart_data
from datagen.validation.report.number_format import digits

MOVEMENTS = ("began", "returned", "increased", "decreased", "ended")
_MONTHS = 60
_YEAR = 12
_QUARTER = 3
_BITS = 20
"""Months since 1970 are less than 2**20."""


@judges(LevelBridgeDeclaration)
@dataclass(frozen=True, eq=False)
class LevelBridge(LevelBridgeDeclaration):
    """The state holds the level of each month and its movements since the month before, in minor units, (months, 6).

    Nothing is judged: the report shows a waterfall of the last year and a table by quarter.
    """

    name: ClassVar[str] = "LevelBridge"
    group: Group = "time"

    def observe(self, part: Slice) -> Ints | None:
        block = part.block(self.table)
        if block is None or block.parent_row is None or not len(block):
            return None
        try:
            times, amounts = block.columns[self.column].data, block.columns[self.measure]
        except Absent:
            return None
        there = np.ones(len(times), np.bool_) if amounts.valid is None else amounts.valid
        pairs, place = np.unique((block.parent_row << _BITS) + months_of(times // DAY), return_inverse=True)
        level = np.zeros(len(pairs), np.int64)
        np.add.at(level, place[there], amounts.data[there])
        return self._movements(pairs >> _BITS, (pairs & (2**_BITS - 1)) - self._first, level)

    @property
    def _first(self) -> int:
        """The first of the months that are kept; the last one is the last that is seen whole."""
        return int(months_of(np.array([self.end // DAY]))[0]) - _MONTHS

    def _movements(self, owner: Ints, month: Ints, level: Ints) -> Ints:
        """Of amounts in the order of owner and month."""
        total = np.zeros((_MONTHS + 2, 1 + len(MOVEMENTS)), np.int64)
        first, last = np.append(True, owner[1:] != owner[:-1]), np.append(owner[1:] != owner[:-1], True)
        apart, gone = np.append(True, np.diff(month) > 1), np.append(np.diff(month) > 1, True)
        step = np.diff(level, prepend=0)
        back, along = ~first & apart, ~first & ~apart
        for code, at, amount, when in (
            (0, slice(None), level, month),
            (1, first, level, month),
            (2, back, level, month),
            (3, along & (step > 0), step, month),
            (4, along & (step < 0), step, month),
            (5, last | gone, -level, month + 1),
        ):
            np.add.at(total[:, code], np.clip(when[at], -1, _MONTHS), amount[at])
        return total[:_MONTHS]

    def merge(self, one: Ints, other: Ints) -> Ints:
        return one + other

    def findings(self, state: Ints | None) -> list[Finding]:
        if state is None:
            return []
        kept = np.flatnonzero(state[:, 0])
        if len(kept) < 2:
            return []
        amounts = state[kept[0] :] / self._unit
        shown = chart_data.several(self._waterfall(amounts[-_YEAR - 1 :]), self._quarters(amounts))
        begin, end = amounts[-min(_YEAR + 1, len(amounts)), 0], amounts[-1, 0]
        message = f"sum of {self.measure} per month: {digits(begin)} a year before the last month, {digits(end)} in it"
        return [Finding(self.group, self.name, self.table, self.column, "pass", message, weight=0.0, details=shown)]

    @property
    def _unit(self) -> float:
        return float(10**self.scale)

    def _named(self, back: int) -> str:
        """The month that is `back` months before the last."""
        return str(np.int64(self._first + _MONTHS - 1 - back).astype("datetime64[M]"))

    def _waterfall(self, amounts: Any) -> dict[str, Any]:
        """From the level of the first of these months to that of the last."""
        labels = [self._named(len(amounts) - 1), *MOVEMENTS, self._named(0)]
        values = [amounts[0, 0], *amounts[1:, 1:].sum(axis=0), amounts[-1, 0]]
        return chart_data.waterfall(f"{self.table}: bridge of {self.measure}", labels, values)

    def _quarters(self, amounts: Any) -> dict[str, Any]:
        """The movements of each quarter as parts of the level at its begin."""
        begins = range(len(amounts) - 1 - _QUARTER, -1, -_QUARTER)
        rows = [amounts[begin + 1 : begin + 1 + _QUARTER, 1:].sum(axis=0) for begin in begins][::-1]
        names = [self._named(len(amounts) - 2 - begin) for begin in begins][::-1]
        levels = [amounts[begin, 0] for begin in begins][::-1]
        parts = [abs(row) / max(abs(level), 1e-9) for row, level in zip(rows, levels, strict=True)]
        return chart_data.heatmap(
            f"{self.table}: movements of {self.measure}", names, MOVEMENTS, parts,
            [[digits(float(value)) for value in row] for row in rows], x="movement", y="quarter from", span=(0.0, 0.5),
        )  # fmt: skip
