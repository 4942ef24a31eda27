"""The distribution of events over parents and their gaps, from a sample of parents."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows, Words
from datagen.declarations.rates import BaseRate
from datagen.errors import Absent
from datagen.point_process.expected_counts import Exposure, Spans
from datagen.point_process.factors import Latency
from datagen.point_process.ground_truth import GroundTruth
from datagen.random.count_distributions import poisson
from datagen.random.distributions import gamma
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.streams import Stream
from datagen.validation.metrics.rates.operational_time import Owned, gaps, in_order
from datagen.validation.metrics.rates.simulated_gaps import simulated_gaps
from datagen.validation.metrics.rates.state import joined

BINS = 320
_EXACT = 128  # numbers of children with a bin of their own
_PER_OCTAVE = 16
_REPLICATES = 4


def about_parents(
    exposure: Exposure,
    lives: tuple[Spans, Ints],
    events: Owned,
    declared: tuple[BaseRate, Sequence[InverseCdfTable]],
    cluster: Ints | None,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Moments, their sums, local variation and numbers of children.

    `lives` are the parents by intervals of these bounds after their start; `declared` is the base and the distributions
    of the parents' multipliers. Parents with one number in `cluster` have hidden effects in common.
    """
    (base, distributions), spans = declared, lives[0]
    own = (gamma(1.0 / base.dispersion, 1.0),) if base.dispersion else ()
    seen = np.bincount(events[0], minlength=len(exposure)).astype(np.float64)
    mean = np.add.reduce(spans.mean, axis=1)
    could = simulated(exposure.rows.ids, spans, (*own, *distributions))
    second = spans.second()
    terms = np.stack([seen * (seen - 1.0), second, seen, mean], axis=1)
    others = np.stack([could * (could - 1.0), np.tile(second, _REPLICATES), could, np.tile(mean, _REPLICATES)], axis=1)
    shared = joined(terms, cluster)
    moments = np.stack([shared.T @ shared, others.T @ others / _REPLICATES])
    children = np.stack([histogram(seen), histogram(could) / _REPLICATES])
    gap = base.distribution() if any(survival.histories for _, survival in exposure.planted.survival_factors) else None
    could_be = np.zeros(5) if gap is None else simulated_gaps(exposure, lives, gap, (*own, *distributions))
    return moments, np.add.reduce(terms, axis=0), np.stack([variation(exposure, events), could_be]), children


def missing_truth_columns(planted: GroundTruth, rows: Rows) -> Iterator[str]:
    """The hidden columns of segments that are not in the data."""
    for _, unobserved in planted.unobserved:
        if isinstance(unobserved, Latency):
            try:
                rows.column(unobserved.column)
            except (Absent, KeyError):
                yield unobserved.column


def variation(exposure: Exposure, events: Owned) -> Floats:
    """The local variation of gaps, 3 ((a - b) / (a + b))^2 of successive ones, on the planted clock of each parent.

    Sums over parents of its sum and number, and of their products: shape (5,). It is 1 for a Poisson process and does
    not depend on how often a parent's events come. Source: Shinomoto et al. (2003), Differences in spiking patterns.
    """
    events = in_order(events)
    owner, gap = events[0], gaps(exposure, events)
    kept = (owner[2:] == owner[:-2]) & (gap[1:] + gap[:-1] > 0)
    first, second, whose = gap[:-1][kept], gap[1:][kept], owner[2:][kept]
    local = 3.0 * ((first - second) / (first + second)) ** 2
    total = np.bincount(whose, local, minlength=len(exposure))
    number = np.bincount(whose, minlength=len(exposure)).astype(np.float64)
    return np.array([total.sum(), number.sum(), (total * total).sum(), (total * number).sum(), (number * number).sum()])


def simulated(ids: Words, spans: Spans, distributions: Sequence[InverseCdfTable]) -> Floats:
    """Simulated numbers of events of these parents, with lives and multipliers drawn, (replicates x parents,)."""
    found = []
    for replicate in range(_REPLICATES):
        life = (replicate + _uniforms("life", replicate, ids)) / _REPLICATES
        mean = np.add.reduce(spans.potential * (life[:, np.newaxis] < spans.chance), axis=1)
        for number, distribution in enumerate(distributions):
            mean = mean * distribution.at(_words(f"spread {number}", replicate, ids))
        found.append(poisson(_words("number", replicate, ids), mean).astype(np.float64))
    return np.concatenate(found)


def _words(purpose: str, replicate: int, ids: Words) -> Words:
    return Stream.named(0, "what could have been", purpose, str(replicate)).words(ids)


def _uniforms(purpose: str, replicate: int, ids: Words) -> Floats:
    return Stream.named(0, "what could have been", purpose, str(replicate)).uniforms(ids)


def histogram(numbers: Floats) -> Floats:
    """Parents by number of children: one bin each up to 127, then 16 bins per octave."""
    beyond = _EXACT + np.floor(_PER_OCTAVE * np.log2(np.maximum(numbers, _EXACT) / _EXACT))
    at = np.minimum(np.where(numbers < _EXACT, numbers, beyond), BINS - 1).astype(np.int64)
    return np.bincount(at, minlength=BINS).astype(np.float64)


def bin_starts() -> list[int]:
    """The smallest number of children of each bin."""
    beyond = np.ceil(_EXACT * 2.0 ** (np.arange(BINS - _EXACT) / _PER_OCTAVE))
    return [*range(_EXACT), *beyond.astype(np.int64).tolist()]
