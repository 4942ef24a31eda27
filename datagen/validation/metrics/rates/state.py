"""What the rate metric recovers, and its state: additive sums by category, by day and over parents."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.declarations.rates import RateDeclaration
from datagen.point_process.ground_truth import KnownFactor
from datagen.validation.metrics.base import Group

MOST_CATEGORIES = 48


@dataclass(frozen=True, eq=False)
class RateParameters(RateDeclaration):
    """A declared rate: its window, and the factors that are estimated."""

    name: ClassVar[str] = "RateRecovery"
    group: Group = "recovery"

    @property
    def window(self) -> tuple[int, int]:
        """Its start and end, microseconds."""
        return self.stay.bounds

    @cached_property
    def known(self) -> tuple[KnownFactor, ...]:
        """The factors of a size that can be judged."""
        return tuple(known for known in self.planted.known if len(known.factor.planted) <= MOST_CATEGORIES)


@dataclass(frozen=True, slots=True, eq=False)
class FactorSums:
    """One factor of k categories: events `seen` and `expected`, (k,); over a sample of parents, with `sampled` expected
    events: `products` of each parent's [seen, expected] with itself, (2k, 2k), the expected events by category and
    span, (k, spans), and the `potential` by category, expected if no life ended, (k,).
    """

    seen: Floats
    expected: Floats
    products: Floats
    spans: Floats
    potential: Floats

    @property
    def living(self) -> Floats:
        """The chance to live of the parents from whom events of each category are expected, (k,)."""
        found: Floats = np.add.reduce(self.spans, axis=1) / np.maximum(self.potential, 1e-300)
        return np.clip(found, 1e-6, 1.0)

    def __add__(self, other: FactorSums) -> FactorSums:
        return FactorSums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class RateState:
    """Of one table of events. The first tally is that of one category, everything.

    `days`: events seen and expected by day (UTC), (2, days). `sampled`: what the sample of parents expects. `moments`:
    products of each sampled parent's (n (n - 1), second moment, n, mean) with itself, as found and as simulated, (2, 4,
    4); `sums` of these as found, (4,). `variation`: sums over parents with three events or more of their local
    variation of gaps, its number, and their products, as found and as simulated (zeros where a distribution gives what
    is expected), (2, 5). `children`: parents by number of events, found and as simulated, (2, bins). `turnover`: the
    sum over sampled parents of the most events expected in a span, times the sum of the changes between spans.
    `together`: sums of the numbers of sampled parents that have hidden effects in common, and of their squares, (2,).
    """

    parents: int
    tallies: tuple[FactorSums, ...]
    days: Floats
    sampled: float
    moments: Floats
    sums: Floats
    variation: Floats
    children: Floats
    turnover: float
    together: Floats
    missing_truth: tuple[str, ...] = ()

    def __add__(self, other: RateState) -> RateState:
        tallies = tuple(a + b for a, b in zip(self.tallies, other.tallies, strict=True))
        added = {
            f.name: getattr(self, f.name) + getattr(other, f.name)
            for f in fields(self)
            if f.name not in ("tallies", "missing_truth")
        }
        return replace(
            self, **added, tallies=tallies, missing_truth=tuple(sorted({*self.missing_truth, *other.missing_truth}))
        )


def joined(values: Floats, cluster: Ints | None) -> Floats:
    """Sums over the parents of each cluster, from (n, k) to (clusters, k). `cluster` has their numbers from 0 on, (n,);
    None where each parent is one.
    """
    if cluster is None:
        return values
    found: Floats = np.stack([np.bincount(cluster, weights=column) for column in values.T], axis=1)
    return found


def products(seen: Floats, expected: Floats) -> Floats:
    """The products of each parent's [seen, expected], (n, k) each, summed over parents, (2k, 2k)."""
    both = np.concatenate([seen, expected], axis=1)
    found: Floats = both.T @ both
    return found
