"""Realism tests of the distribution of children: equal shares, no inactive parent, no very active parent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.validation.metrics.base import Finding
from datagen.validation.realism.base import RealismTest, apart
from datagen.validation.report.chart_data import counts as counts_chart

FEWEST = 20
"""The fewest parents for a test."""
MOST_BARS = 41


@dataclass(frozen=True, slots=True, eq=False)
class CountHistogram:
    """The distribution of the number of children: distinct numbers, ascending, and parents of each, int64 (k,)."""

    children: Ints
    parents: Ints

    @property
    def total(self) -> int:
        return int(self.parents.sum())

    @property
    def mean(self) -> float:
        return float((self.children * self.parents).sum() / max(self.total, 1))

    @property
    def index_of_dispersion(self) -> float:
        """Variance over mean: 1 for children assigned at random."""
        spread = ((self.children - self.mean) ** 2 * self.parents).sum() / max(self.total - 1, 1)
        return float(spread / self.mean) if self.mean else 0.0

    def share_of_top(self, part: float) -> float:
        """The share of all children of the `part` of parents with most children."""
        falling, many = self.children[::-1].astype(np.float64), self.parents[::-1].astype(np.float64)
        room = part * self.total
        taken: Floats = np.clip(room - (np.cumsum(many) - many), 0.0, many)
        return float((taken * falling).sum() / max((many * falling).sum(), 1.0))

    @property
    def median(self) -> int:
        return int(self.children[np.searchsorted(np.cumsum(self.parents), self.total / 2)])

    @property
    def idle(self) -> int:
        return int(self.parents[self.children == 0].sum())

    def merged(self, other: CountHistogram) -> CountHistogram:
        children = np.concatenate([self.children, other.children])
        return tallied(children, np.concatenate([self.parents, other.parents]))


def shape_of(counts: Ints) -> CountHistogram:
    """The shape of children per parent, shape (parents,). Beyond 10,000 children, numbers are rounded
    to three digits.
    """
    large = counts > 10_000
    if large.any():
        step = 10 ** (np.floor(np.log10(np.maximum(counts, 1))).astype(np.int64) - 2).clip(0)
        counts = np.where(large, counts // step * step, counts)
    return tallied(counts, np.ones(len(counts), np.int64))


def tallied(children: Ints, parents: Ints) -> CountHistogram:
    values, place = np.unique(children, return_inverse=True)
    return CountHistogram(values, np.bincount(place, weights=parents, minlength=len(values)).astype(np.int64))


def unequal(sign: RealismTest, shape: CountHistogram, least: float = 2.0) -> Finding:
    """Random assignment gives a variance near the mean; real data has much more."""
    if shape.total < FEWEST or shape.mean < least:
        return sign.not_applicable(
            f"{shape.total:,} parents with {shape.mean:.1f} children each are too few for a test"
        )
    found = shape.index_of_dispersion
    message = f"variance over mean is {apart(found, 1.5, 2)} (1.0 for equal parents)"
    return sign.finding(found < 1.5, found, 1.5, message, chart(shape, sign))


def concentrated(sign: RealismTest, shape: CountHistogram) -> Finding:
    """The share of the top fifth of the parents."""
    if shape.total < 10 * FEWEST or shape.mean < 2:
        return sign.not_applicable("too few parents or children for a test")
    found = shape.share_of_top(0.2)
    return sign.finding(
        found < 0.4,
        found,
        0.4,
        f"the top 20 % of parents have {apart(100 * found, 40, 0)}% of the rows (29 % for equal parents)",
    )


def childless_parents(sign: RealismTest, shape: CountHistogram) -> Finding:
    if shape.total < 10 * FEWEST or shape.mean >= 20:
        return sign.not_applicable("with so many children per parent, or so few parents, none need be without children")
    return sign.finding(
        shape.idle == 0, shape.idle / shape.total, 0.0, f"{shape.idle:,} of {shape.total:,} parents have none"
    )


def whales(sign: RealismTest, shape: CountHistogram) -> Finding:
    if shape.total < 10_000 or not shape.median:
        return sign.not_applicable("fewer than 10,000 parents, or most have no children")
    found = float(shape.children[-1]) / shape.median
    return sign.finding(
        found < 5, found, 5.0, f"the most active parent has {apart(found, 5, 1)} times the children of the median one"
    )


def shape_findings(table: str, shape: CountHistogram, subject: str) -> Iterator[Finding]:
    """All findings on the numbers of children of event tables."""
    yield unequal(RealismTest("UnequalParents", table, None, subject), shape)
    yield concentrated(RealismTest("Concentration", table, None, subject), shape)
    yield childless_parents(RealismTest("IdleParents", table, None, subject), shape)
    yield whales(RealismTest("Whales", table, None, subject), shape)


def chart(shape: CountHistogram, sign: RealismTest) -> dict[str, object]:
    """At most `MOST_BARS` bars, each of as many numbers as the most common 99 % of the parents need."""
    most = int(shape.children[-1])
    usual = int(shape.children[np.searchsorted(np.cumsum(shape.parents), 0.99 * shape.total)])
    step = 1 if most < MOST_BARS else _round_step((usual + 1) / MOST_BARS)
    last = min(most // step, MOST_BARS - 1)
    bar = np.minimum(shape.children // step, last)
    share = np.bincount(bar, weights=shape.parents, minlength=last + 1) / shape.total
    title = sign.subject or f"{sign.table} per parent"
    drawn = counts_chart(title, range(0, (last + 1) * step, step), share, open_end=most >= (last + 1) * step)
    return drawn if step == 1 else {**drawn, "x": f"children per parent, in steps of {step:,}"}


def _round_step(least: float) -> int:
    """The smallest of 1, 2, 5, 10, 20 ... that is not below `least`."""
    power = 1
    while 5 * power < least:
        power *= 10
    return next(part * power for part in (1, 2, 5) if part * power >= least)
