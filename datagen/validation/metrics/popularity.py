"""Recovers the exponent of popularity from Simpson's index of references."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Column, Floats, Ints, Rows
from datagen.declarations.values import PopularityDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.contingency import chi_square_z
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable
from datagen.validation.report.chart_data import curve

MOST_ROWS = 1_000_000
_FEWEST = 200
_DRAWN = 60
_STEP = 1e-3
_CALLED = "popularity exponent"
_TAIL = 2.0
"""Standard errors."""


@judges(PopularityDeclaration)
@dataclass(frozen=True, eq=False)
class Popularity(PopularityDeclaration):
    """References of `column` to `size()` rows whose keys begin at `start`. The k-th most popular one has a share in
    proportion to 1 / (k + shift) ** planted.

    The unbiased estimate of the sum of squared shares is the share of pairs of references to the same row: Simpson
    (1949).
    """

    name: ClassVar[str] = "PopularityRecovery"
    group: Group = "cardinality"

    def observe(self, part: Slice) -> Ints | None:
        block, size = part.block(self.table), self.size()
        if block is None or not 1 < size <= MOST_ROWS:
            return None
        return referred(Rows(block).column(self.column), self.start, size)

    def merge(self, one: Ints, other: Ints) -> Ints:
        return one + other

    def findings(self, state: Ints | None) -> list[Finding]:
        size = max(abs(self.planted), 0.3)
        parameter = Parameter(self.table, self.column, self.name, _CALLED, self.planted, size, group=self.group)
        total = 0.0 if state is None else float(state.sum())
        if state is None or total < _FEWEST:
            rows = self.size()
            within = f"there are {rows:,} rows to refer to; the metric supports 2 to {MOST_ROWS:,}"
            return [not_identifiable(parameter, f"{total:.0f} references" if 1 < rows <= MOST_ROWS else within)]
        counts = state.astype(np.float64)
        meeting = float((counts * (counts - 1.0)).sum()) / (total * (total - 1.0))
        planted = self.shares(self.planted, len(counts))
        square, cube = float((planted**2).sum()), float((planted**3).sum())
        error = (max(4.0 * (cube - square**2) / total, 0.0) + 2.0 * square / total**2) ** 0.5
        details = self._chart(counts, planted)
        if not self.planted:  # the sum of squares is minimal: it shows uniformity, but no exponent
            even = replace(parameter, subject="sum of squared shares times rows (1: uniform)", planted=1.0, size=0.3)
            return [compare(even, meeting * len(counts), of_even(counts, meeting, error) * len(counts), details)]
        slope = (self._square(self.planted + _STEP, len(counts)) - square) / _STEP
        return [compare(parameter, self._solved(meeting, len(counts)), error / abs(slope), details)]

    def shares(self, exponent: float, size: int) -> Floats:
        """The share of each row in all references, the most popular first, (size,)."""
        weights = (np.arange(1.0, size + 1.0) + self.shift) ** -exponent
        found: Floats = weights / weights.sum()
        return found

    def _square(self, parameter: float, size: int) -> float:
        return float((self.shares(parameter, size) ** 2).sum())

    def _solved(self, meeting: float, size: int) -> float:
        """The parameter with the same probability of a pair, by bisection."""
        low, high = 0.0, 12.0
        for _ in range(40):
            middle = (low + high) / 2.0
            low, high = (middle, high) if self._square(middle, size) < meeting else (low, middle)
        return (low + high) / 2.0

    def _chart(self, counts: Floats, planted: Floats) -> dict[str, object]:
        """Cumulative shares of the most popular rows."""
        at = np.unique(np.rint(np.geomspace(1, len(counts), _DRAWN)).astype(np.int64))
        found, declared = (np.cumsum(np.sort(part)[::-1])[at - 1] for part in (counts / counts.sum(), planted))
        return curve(f"{self.table}.{self.column}", at, found, declared, x="most popular rows", y="share of references")


def of_even(counts: Floats, meeting: float, error: float) -> float:
    """The standard error of the sum of squares under uniform choices. It is a linear function of Pearson's chi-square,
    which is skewed if there are few rows; so in the tails the error is that of an equally improbable normal number.
    """
    expected = float(counts.sum()) / len(counts)
    z = chi_square_z(float(((counts - expected) ** 2).sum()) / expected, len(counts) - 1.0)
    return abs(meeting - 1.0 / len(counts)) / abs(z) if abs(z) > _TAIL else error


def referred(cells: Column, start: int, size: int) -> Ints:
    """References to each of the rows whose keys begin at `start`, int64 (size,)."""
    index = (cells.data if cells.valid is None else cells.data[cells.valid]) - start
    return np.bincount(index[(index >= 0) & (index < size)], minlength=size).astype(np.int64)
