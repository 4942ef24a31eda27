"""Distributions of counts by inversion: one word, one count, a larger word never a smaller count of the same
distribution.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.random.discrete_inverse_cdf import ThresholdTable
from datagen.random.distributions import gamma, normal
from datagen.random.math.elementary import exp, log, log1p
from datagen.random.math.gamma import log_gamma
from datagen.random.streams import in_chunks

_CHUNK = 8192
_SUMMED = 10.0  # means below: the CDF is summed from 0 on
_CHECKED = 30.0  # smaller means: the expansion, and the sum if that could differ
_TABLE = 1000.0  # single means below: a table
_MARGIN = 0.03  # more than the expansion errs for means from 10 on and |z| <= 3.5
_SURE = 3.5
_ELEVEN = np.uint64(11)


def poisson(words: Words, mean: Floats | float) -> Ints:
    """Poisson counts, int64, shape (n,), for one mean or one per cell.

    Exact for a single mean up to 1000 and for every mean below 30; beyond that from an asymptotic expansion whose total
    variation from the distribution is below 1e-4. Raises ValueError for means that are negative, infinite or NaN.
    """
    means = np.asarray(mean, np.float64)
    if not ((means >= 0.0) & (means < 1e18)).all():
        raise ValueError("the mean of a poisson distribution must be a number from 0 to 1e18")
    if means.ndim == 0 and means <= _TABLE:
        return _poisson_table(float(means)).at(words)
    means = np.broadcast_to(means, words.shape)
    out = np.empty(len(words), np.int64)
    for chunk in in_chunks(len(words), _CHUNK):
        out[chunk] = _poissons(words[chunk], means[chunk])
    return out


@lru_cache(256)
def _poisson_table(mean: float) -> ThresholdTable:
    """The table of one mean, up to a probability of about 2**-64."""
    counts = np.arange(int(mean + 12.0 * np.sqrt(mean)) + 40, dtype=np.float64)
    if mean == 0.0:
        return ThresholdTable.of(np.empty(0, np.uint64))
    return ThresholdTable.of_masses(exp(counts * log(mean) - mean - log_gamma(counts + 1.0)))


def _poissons(words: Words, mean: Floats) -> Ints:
    """One chunk, one mean per cell."""
    doubtful = mean < _SUMMED
    if doubtful.all():
        return _summed(words, mean)
    out = np.zeros(len(words), np.int64)
    large = np.flatnonzero(~doubtful)
    z = normal().at(words[large])
    estimate = _expansion(z, mean[large])
    out[large] = np.floor(np.maximum(estimate, 0.0))
    unsure = (np.abs(estimate - np.rint(estimate)) < _MARGIN) | (np.abs(z) > _SURE)
    doubtful[large] = unsure & (mean[large] < _CHECKED)
    again = np.flatnonzero(doubtful)
    out[again] = _summed(words[again], mean[again])
    return out


def _summed(words: Words, mean: Floats) -> Ints:
    """Exact inversion: the CDF is summed until it passes the word, in fewer and fewer cells."""
    u = ((words >> _ELEVEN).astype(np.float64) + 0.5) * 2.0**-53
    count = np.zeros(len(words), np.int64)
    mass = exp(-mean)
    total = mass.copy()
    cells = np.arange(len(words))
    k = 0
    while True:
        # Beyond a mass of 1e-18 the sum no longer grows; the rule looks at one cell only, never at its neighbours.
        left = np.flatnonzero((u >= total) & (mass > 1e-18))
        if not len(left):
            return count
        k += 1
        cells, u, mean, mass, total = cells[left], u[left], mean[left], mass[left], total[left]
        count[cells] = k
        mass *= mean / k
        total += mass


def _expansion(z: Floats, mean: Floats) -> Floats:
    """The Poisson quantile before rounding down, by powers of the root of the mean (M. B. Giles, "Algorithm 955", ACM
    Transactions on Mathematical Software 42, 2016; the last term fitted to the incomplete gamma function)."""
    square = z * z
    root = np.sqrt(mean)
    out = (671.0 / 38880.0 - square * (137.0 / 38880.0 + square * (23.0 / 17280.0))) * z / root
    out += square * (7.0 / 810.0 + square * (1.0 / 270.0)) - 8.0 / 405.0
    out /= root
    out -= z * (1.0 / 36.0 + square * (1.0 / 72.0))
    out /= root
    out += 1.0 / 3.0 + square * (1.0 / 6.0)
    out += z * root
    out += mean
    return out


def geometric(words: Words, mean: Floats | float, minimum: int = 0) -> Ints:
    """Counts from `minimum` on whose excess is geometric, int64, shape (n,), for one mean or one per cell.

    Raises ValueError for means below `minimum` or not finite.
    """
    excess = np.asarray(mean, np.float64) - minimum
    if not ((excess >= 0.0) & (excess < 1e15)).all():
        raise ValueError(f"a geometric distribution from {minimum} on needs a finite mean of at least {minimum}")
    out = np.empty(len(words), np.int64)
    per_mean = 1.0 / np.maximum(np.broadcast_to(excess, (len(words),)) if excess.ndim else excess, 1e-300)
    rate = log1p(np.asarray(per_mean))
    for chunk in in_chunks(len(words), _CHUNK):
        above = ((~words[chunk] >> _ELEVEN).astype(np.float64) + 0.5) * 2.0**-53
        out[chunk] = np.floor(-log(above) / (rate[chunk] if rate.ndim else rate))
    out += minimum
    return out


def negative_binomial(rates: Words, words: Words, mean: Floats | float, dispersion: float) -> Ints:
    """Poisson counts whose means vary by a gamma distribution, int64, shape (n,): variance mean + dispersion mean**2.

    `rates` are the words of the gamma distribution, `words` those of the counts. Raises ValueError as `poisson` does,
    and for a negative dispersion.
    """
    if dispersion == 0.0:
        return poisson(words, mean)
    if not 0.0 < dispersion < 1e6:
        raise ValueError(f"the dispersion of a negative binomial distribution must be from 0 to 1e6, not {dispersion}")
    varied = gamma(1.0 / dispersion, 1.0).at(rates)
    varied *= mean
    return poisson(words, varied)


@lru_cache(64)
def binomial_table(trials: int, share: float) -> ThresholdTable:
    """The inverse CDF of the binomial distribution of up to a million trials, each with the chance `share`, 0 < share
    < 1.
    """
    counts = np.arange(trials + 1, dtype=np.float64)
    ways = log_gamma(np.array([trials + 1.0])) - log_gamma(counts + 1.0) - log_gamma(trials - counts + 1.0)
    masses = exp(ways + counts * log(share) + (trials - counts) * log1p(-share))
    return ThresholdTable.of_masses(masses / float(np.cumsum(masses)[-1]))


@lru_cache(64)
def negative_binomial_table(mean: float, dispersion: float) -> ThresholdTable:
    """The inverse CDF of the negative binomial distribution of this mean and variance mean + dispersion mean**2, up to
    a chance of 2**-64.

    A tail falls by the factor mean / (mean + 1 / dispersion) at least from the mean on, or as that of a Poisson
    distribution does.
    """
    size = 1.0 / dispersion
    share = mean / (mean + size)
    most = mean + 12.0 * float(np.sqrt(mean)) + 60.0 * (1.0 + max(mean * dispersion, 1.0))
    counts = np.arange(int(most) + 40, dtype=np.float64)
    masses = exp(
        log_gamma(counts + size)
        - log_gamma(np.array([size]))
        - log_gamma(counts + 1.0)
        + counts * log(share)
        + size * log1p(-share)
    )
    return ThresholdTable.of_masses(masses / float(np.cumsum(masses)[-1]))
