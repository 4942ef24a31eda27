"""Numbers of children as planted: their mean, and the shape of their distribution."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from datagen.block import Floats, Rows
from datagen.intensity.moment import moments
from datagen.intensity.planted import Planted
from datagen.measures.base import Finding, Group, Slice
from datagen.measures.parent_findings import chart
from datagen.measures.rate_parents import histogram
from datagen.measures.recovery import Parameter, close, judged, unidentified

_LEVELS = 256
_PER_LOG = 16.0
_FEWEST = 50
_THRESHOLD = 0.01
_CRITICAL = 1.95

Law = Callable[[Floats], Floats]
"""From the multipliers of many parents to numbers of children that they would have, evenly spread over the law."""


@dataclass(frozen=True, slots=True, eq=False)
class Children:
    """Parents by number of children (320 bins), by level of their multiplier (256); sum and sum of squares of the numbers."""

    found: Floats
    levels: Floats
    sums: Floats

    def __add__(self, other: Children) -> Children:
        return Children(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, eq=False)
class ChildCounts:
    """Rows of `table` below each row of its parent; `planted` multiplies the mean of `law`."""

    table: str
    law: Law
    planted: Planted
    name: ClassVar[str] = "CardinalityShapeSimilarity"
    group: Group = "cardinality"

    def observe(self, part: Slice) -> Children | None:
        block = part.block(self.table)
        if block is None or block.parent is None or block.counts is None:
            return None
        numbers, rows = block.counts.astype(np.float64), Rows(block.parent)
        factor = self.planted.at(rows, moments(rows)) if self.planted.rate else np.ones(len(rows))
        level = np.clip(np.rint(np.log(np.maximum(factor, 1e-6)) * _PER_LOG) + _LEVELS // 2, 0, _LEVELS - 1)
        levels = np.bincount(level.astype(np.int64), minlength=_LEVELS).astype(np.float64)
        return Children(histogram(numbers), levels, np.array([numbers.sum(), (numbers * numbers).sum(), factor.sum()]))

    def merge(self, one: Children, other: Children) -> Children:
        return one + other

    def findings(self, state: Children | None) -> list[Finding]:
        parents = 0.0 if state is None else float(state.found.sum())
        mean = Parameter(self.table, None, "CountRecovery", "mean number per parent", 1.0, group=self.group, log=True)
        shape = Parameter(self.table, None, self.name, "children per parent", 1.0, group=self.group)
        if state is None or parents < _FEWEST or self.planted.unseen:
            why = "a hidden multiplier acts on it" if self.planted.unseen else f"there are {parents:.0f} parents"
            return [unidentified(mean, why), unidentified(shape, why)]
        wanted, (expected, variance) = self._expected(state)
        found = float(state.sums[0]) / parents
        mean = Parameter(self.table, None, "CountRecovery", mean.subject, expected, 0.5, True, self.group)
        error = max(variance / parents, 1e-12) ** 0.5 / max(expected, 1e-9)
        shares = state.found / parents
        distance = float(np.abs(np.cumsum(shares) - np.cumsum(wanted)).max())
        details = chart(self.table, shares, wanted)
        return [judged(mean, found, error), close(shape, distance, _CRITICAL / parents**0.5, _THRESHOLD, details)]

    def _expected(self, state: Children) -> tuple[Floats, tuple[float, float]]:
        """Shares of parents by number of children as planted; their mean and variance."""
        total, sums = np.zeros(len(state.found)), np.zeros(2)
        parents = float(state.levels.sum())
        for level in np.flatnonzero(state.levels):
            factor = float(np.exp((level - _LEVELS // 2) / _PER_LOG))
            numbers = self.law(np.full(8192, factor))
            share = float(state.levels[level]) / parents
            total += share * histogram(numbers) / len(numbers)
            sums += share * np.array([numbers.sum(), (numbers * numbers).sum()]) / len(numbers)
        return total, (float(sums[0]), float(sums[1] - sums[0] ** 2))
