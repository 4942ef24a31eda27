"""Recovers shares that change in a straight line over the window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Rows, as_numpy
from datagen.declarations.values import DriftingSharesDeclaration
from datagen.errors import ValueFault
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

FEWEST = 100
"""The fewest rows from which shares and their change are estimated."""


@judges(DriftingSharesDeclaration)
@dataclass(frozen=True, eq=False)
class DriftingShares(DriftingSharesDeclaration):
    """The share of each value at the middle of the window, and its change from the start to the end.

    Both are estimated by least squares of the indicator of the value on the time of the row, with the variance that the
    declared shares give.
    """

    name: ClassVar[str] = "DriftingShares"
    group: ClassVar[Group] = "recovery"

    def observe(self, part: Slice) -> Floats | None:
        """Sums over the rows, shape (values, 7): of 1, t, t t, x, x t and the variances of x and x t; x is whether the
        row has the value, t its time from -1/2 to 1/2.
        """
        import pyarrow.compute as pc  # start-up

        block = part.block(self.table)
        if block is None:
            return None
        rows = Rows(block)
        try:
            cells, at = rows.column(self.column), self.place(rows)
        except ValueFault:
            return None  # no column of the files shows the time of the rows
        there = present(cells.valid, len(block))
        t = at[there] - 0.5
        codes = as_numpy(pc.index_in(cells.texts, self._words()).fill_null(-1))[there]
        sums = []
        for value, (start, end) in enumerate(self.shares.values()):
            x, share = (codes == value).astype(np.float64), start + at[there] * (end - start)
            variance = share * (1.0 - share)
            parts = (np.ones(len(t)), t, t * t, x, x * t, variance, variance * t * t)
            sums.append([float(np.sum(one)) for one in parts])
        return np.array(sums)

    def _words(self) -> object:
        import pyarrow as pa  # start-up

        return pa.array(list(self.shares), pa.string())

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        found: list[Finding] = []
        for number, (value, (start, end)) in enumerate(self.shares.items()):
            level = Parameter(self.table, self.column, self.name, f"share of '{value}'", (start + end) / 2, size=0.1)
            change = Parameter(self.table, self.column, self.name, f"change of '{value}'", end - start, size=0.2)
            if state is None or state[number, 0] < FEWEST:
                found += [not_identifiable(one, "there are too few rows") for one in (level, change)]
                continue
            n, t, tt, x, xt, variance, spread = state[number]
            bent = tt - t * t / n
            slope = (xt - t * x / n) / bent if bent > 0 else np.nan
            middle = x / n - slope * t / n
            errors = np.sqrt(max(variance, 0.25) / n / n), np.sqrt(max(spread, 0.25 / n)) / max(bent, 1e-9)
            found.append(compare(level, float(middle), float(errors[0] + abs(t / n) * errors[1])))
            found.append(compare(change, float(slope), float(errors[1])))
        return found
