"""Recovers a multiplier that two tables of one parent share, from the covariance of their numbers of rows."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Floats, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.rates import SharedMultiplierDeclaration
from datagen.errors import Absent
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.child_count_distribution import ChildCounts
from datagen.validation.metrics.rates.metric import MOST_PARENTS, Rates, SliceRates
from datagen.validation.metrics.rates.operational_time import events_by_parent
from datagen.validation.metrics.registry import judges, metric_of
from datagen.validation.metrics.row_sampling import sample_rows
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

FEWEST = 100
"""The fewest parents, weighted by what is expected of them."""


@dataclass(frozen=True, slots=True, eq=False)
class CountPairs:
    """Sums over parents of [numbers' product, number by mean, mean by number, means' product], weighted, and of
    [number,
    mean] of either table, (8,), and their products, (8, 8); `planted` is the sum of the declared variance of the first.
    """

    sums: Floats
    products: Floats
    planted: float

    def __add__(self, other: CountPairs) -> CountPairs:
        return CountPairs(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@judges(SharedMultiplierDeclaration)
@dataclass(frozen=True, eq=False)
class SharedMultiplier(SharedMultiplierDeclaration):
    """The covariance of numbers of rows, relative to their means, is the variance of the multiplier that they share."""

    name: ClassVar[str] = "SiblingCorrelation"
    group: Group = "dependence"

    @cached_property
    def metrics(self) -> tuple[Rates | ChildCounts, Rates | ChildCounts]:
        """The metrics of either table, which know the mean of each parent."""
        one, other = map(metric_of, (self.own, self.others))
        assert isinstance(one, Rates | ChildCounts) and isinstance(other, Rates | ChildCounts)
        return one, other

    def observe(self, part: Slice) -> CountPairs | None:
        blocks = part.block(self.own.table), part.block(self.others.table)
        most = max((one.parents() for one in self.metrics if isinstance(one, Rates)), default=1)
        share = MOST_PARENTS / max(most, 1)
        own, other = (_numbers(metric, block, share) for metric, block in zip(self.metrics, blocks, strict=True))
        if own is None or other is None or len(own[0]) != len(other[0]):
            return None
        (number, mean), (others, their), v = own, other, self.variance
        weight = 1.0 / ((1.0 + v * mean) * (1.0 + v * their))
        terms = np.stack(
            [
                weight * number * others,
                weight * number * their,
                weight * mean * others,
                weight * mean * their,
                number,
                mean,
                others,
                their,
            ]
        )
        alone = (mean + v * mean**2) * (their + v * their**2) + (v**2 + 6.0 * v**3) * (mean * their) ** 2
        return CountPairs(np.add.reduce(terms, axis=1), terms @ terms.T, float((weight**2 * alone).sum()))

    def merge(self, one: CountPairs, other: CountPairs) -> CountPairs:
        return one + other

    def findings(self, state: CountPairs | None) -> list[Finding]:
        subject = f"variance of the multiplier shared with '{self.others.table}'"
        parameter = Parameter(self.table, None, self.name, subject, self.variance, self.variance, group=self.group)
        if state is None or not (state.sums > 0).all():
            return [not_identifiable(parameter, "there are no rows, or too few")]
        pairs = float(state.sums[3])
        if pairs**2 / float(state.products[3, 3]) < FEWEST:
            return [not_identifiable(parameter, "there are too few parents")]
        steps = 1e-5 * state.sums
        slope = [
            (_covariance(state.sums + step) - _covariance(state.sums - step)) / (2.0 * step.sum())
            for step in np.diag(steps)
        ]
        error = np.array(slope) @ state.products @ np.array(slope)
        return [compare(parameter, _covariance(state.sums), float(max(error, state.planted / pairs**2) ** 0.5))]


def _covariance(sums: Floats) -> float:
    """The covariance relative to the means, which are scaled to the numbers found."""
    level, other = sums[4] / sums[5], sums[6] / sums[7]
    found = sums[0] - other * sums[1] - level * sums[2] + level * other * sums[3]
    return float(found / (level * other * sums[3]))


def _numbers(metric: Rates | ChildCounts, block: Block | None, share: float) -> tuple[Floats, Floats] | None:
    """The rows of each of a share of the parents, and the mean of their number, (n,) each; None if they are unknown."""
    if block is None or block.parent is None or block.counts is None:
        return None
    at = sample_rows(block.parent.ids, share)
    rows = Rows(block.parent, at)
    numbers = block.counts.astype(np.float64) if at is None else block.counts[at].astype(np.float64)
    if isinstance(metric, Rates):
        try:
            events = events_by_parent(block, at, metric.cause)
        except Absent:
            return None
        numbers = np.bincount(events[0], minlength=len(rows)).astype(np.float64)
        return numbers, SliceRates(metric, rows, events, 1.0).means
    factor = metric.planted.at(rows, moments(rows)) if metric.planted.rate else np.ones(len(rows))
    return numbers, metric.expected(factor)
