"""The distribution of numbers of children: mean and shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.rates import ChildCountDistributionDeclaration
from datagen.point_process.ground_truth import KnownFactor
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.factor_verdicts import FactorLocation, factor_findings
from datagen.validation.metrics.rates.dispersion import apart, chart
from datagen.validation.metrics.rates.log_ratios import CountVariance, contrast
from datagen.validation.metrics.rates.per_parent import histogram
from datagen.validation.metrics.rates.state import FactorSums, products
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, close, compare, not_identifiable, where_most

_LEVELS = 1024
_PER_LOG = 64.0
_FACTORS = np.exp((np.arange(_LEVELS) - _LEVELS // 2) / _PER_LOG)
_FEWEST = 50
_THRESHOLD = 0.01
_CRITICAL = 1.95
_SIZE = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Children:
    """Parents by number of children (320 bins), by level of their multiplier (1024); the sum of the numbers and what is
    expected of it; and by factor."""

    found: Floats
    levels: Floats
    sums: Floats
    tallies: tuple[FactorSums, ...]

    def __add__(self, other: Children) -> Children:
        tallies = tuple(a + b for a, b in zip(self.tallies, other.tallies, strict=True))
        return Children(self.found + other.found, self.levels + other.levels, self.sums + other.sums, tallies)


@judges(ChildCountDistributionDeclaration)
@dataclass(frozen=True, eq=False)
class ChildCounts(ChildCountDistributionDeclaration):
    """Rows of `table` below each row of its parent; `planted` multiplies the mean of `distribution`."""

    name: ClassVar[str] = "CardinalityShapeSimilarity"
    group: Group = "cardinality"

    @cached_property
    def means(self) -> Floats:
        """The mean number of children at each level of the multiplier."""
        return np.array([float(self._numbers(level).sum()) / _SIZE for level in range(0, _LEVELS, 16)])

    @cached_property
    def variances(self) -> Floats:
        """The variance of the number of children at each level of the multiplier."""
        return np.array([float(self._numbers(level).var()) for level in range(0, _LEVELS, 16)])

    def expected(self, factor: Floats) -> Floats:
        """The mean number of children at these multipliers, shape (n,)."""
        found: Floats = np.interp(factor, _FACTORS[::16], self.means)
        return found

    def _numbers(self, level: int) -> Floats:
        return self.distribution(np.full(_SIZE, float(_FACTORS[level])))

    def observe(self, part: Slice) -> Children | None:
        block = part.block(self.table)
        if block is None or block.parent is None or block.counts is None:
            return None
        numbers, rows = block.counts.astype(np.float64), Rows(block.parent)
        times = moments(rows)
        factor = self.planted.at(rows, times) if self.planted.rate else np.ones(len(rows))
        level = np.clip(np.rint(np.log(np.maximum(factor, 1e-6)) * _PER_LOG) + _LEVELS // 2, 0, _LEVELS - 1)
        levels = np.bincount(level.astype(np.int64), minlength=_LEVELS).astype(np.float64)
        expected = self.expected(factor)
        tallies = tuple(
            self._tally(known.codes(rows, times, self.planted.rate.grid), known, (numbers, expected))
            for known in self.planted.known
        )
        return Children(histogram(numbers), levels, np.array([numbers.sum(), expected.sum()]), tallies)

    def _tally(self, codes: Ints, known: KnownFactor, counts: tuple[Floats, Floats]) -> FactorSums:
        """Children seen and expected by category of a factor; every parent has one."""
        size = len(known.factor.planted)
        own = (codes[:, np.newaxis] == np.arange(size)).astype(np.float64)
        seen, expected = (own * numbers[:, np.newaxis] for numbers in counts)
        total = np.add.reduce(expected, axis=0)
        return FactorSums(np.add.reduce(seen, axis=0), total, products(seen, expected), total[:, np.newaxis], total)

    def merge(self, one: Children, other: Children) -> Children:
        return one + other

    def findings(self, state: Children | None) -> list[Finding]:
        parents = 0.0 if state is None else float(state.found.sum())
        mean = Parameter(self.table, None, "CountRecovery", "mean number per parent", 1.0, group=self.group, log=True)
        shape = Parameter(self.table, None, self.name, "children per parent", 1.0, group=self.group)
        if state is None or parents < _FEWEST or self.planted.unobserved:
            why = "a hidden multiplier acts on it" if self.planted.unobserved else f"there are {parents:.0f} parents"
            return [not_identifiable(mean, why), not_identifiable(shape, why), *self._factors(state)]
        expected_shares, (expected, variance) = self._expected(state)
        found = float(state.sums[0]) / parents
        mean, error = self._mean(found, expected, max(variance / parents, 1e-12) ** 0.5)
        shares = state.found / parents
        distance, message = apart(shares, expected_shares)
        details = chart(self.table, shares, expected_shares)
        fits = where_most(close(shape, distance, _CRITICAL / parents**0.5, _THRESHOLD, details), message)
        return [compare(mean, found, error), fits, *self._factors(state)]

    def _mean(self, found: float, expected: float, error: float) -> tuple[Parameter, float]:
        """The parameter and its standard error. Numbers of rows are skewed: those that are too low are compared as they
        are, those that are too high by their logarithm.
        """
        log = found > expected
        size = 0.5 if log else 0.5 * expected
        mean = Parameter(self.table, None, "CountRecovery", "mean number per parent", expected, size, log, self.group)
        return mean, error / max(expected, 1e-9) if log else error

    def _factors(self, state: Children | None) -> Iterator[Finding]:
        if state is None:
            return
        for known, tally in zip(self.planted.known, state.tallies, strict=True):
            place = FactorLocation(self.table, None, known.behavior)
            chance = CountVariance(self._fano(state), np.zeros(len(tally.seen)))
            yield from factor_findings(place, known.factor, contrast(tally, chance=chance))

    def _fano(self, state: Children) -> float:
        """The variance over the mean of the number of children, of the parents together."""
        mean, variance = (
            float((state.levels * np.interp(_FACTORS, _FACTORS[::16], values)).sum())
            for values in (self.means, self.variances)
        )
        return variance / max(mean, 1e-9)

    def _expected(self, state: Children) -> tuple[Floats, tuple[float, float]]:
        """Shares of parents by number of children as planted; their mean and variance."""
        total, sums = np.zeros(len(state.found)), np.zeros(2)
        parents = float(state.levels.sum())
        for level in np.flatnonzero(state.levels):
            numbers = self._numbers(int(level))
            share = float(state.levels[level]) / parents
            total += share * histogram(numbers) / len(numbers)
            sums += share * np.array([numbers.sum(), (numbers * numbers).sum()]) / len(numbers)
        return total, (float(state.sums[1]) / parents, float(sums[1] - sums[0] ** 2))
