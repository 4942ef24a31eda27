"""Log ratios of observed to expected events of a factor, with their covariance and common strength."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Bools, Floats
from datagen.validation.metrics.rates.state import FactorSums

LEAST_EXPECTED = 30.0
"""The fewest expected events of a judged category."""
LEAST_CLUSTERS = 12.0
"""The fewest expected clusters of events of a judged category: of fewer, almost none may come by chance."""
LEAST_PARENTS = 10.0
"""The fewest parents of a category without events: fewer may be idle by chance."""
FEW_PARENTS = 10.0
"""Up to this many parents, the error of the planted process is added, because their differences give little
information.
"""
_HALF = 0.5
"""The count of a category without events, so that it has a logarithm."""


@dataclass(frozen=True, slots=True, eq=False)
class Contrast:
    """k categories, of which `usable` ones can be judged: `ratio` is log(observed / expected), `covariance` its
    covariance, (k, k).
    """

    ratio: Floats
    covariance: Floats
    expected: Floats
    usable: Bools
    seen: Floats

    def of(self, weights: Floats) -> tuple[float, float]:
        """A weighted sum of log ratios with its standard error; the weights of unusable categories are 0."""
        value = float((weights * self.ratio).sum())
        variance = float(weights @ self.covariance @ weights)
        return value, max(variance, 1e-18) ** 0.5

    def between(self, category: int, reference: int | None) -> tuple[float, float]:
        """A category against another, or against all."""
        weights = -self.shares if reference is None else np.zeros(len(self.ratio))
        if reference is not None:
            weights[reference] -= 1.0
        weights[category] += 1.0
        return self.of(weights)

    @property
    def shares(self) -> Floats:
        """The share of each usable category in the expected total."""
        shares = np.where(self.usable, self.expected, 0.0)
        return shares / max(float(shares.sum()), 1e-300)

    def strength(self, planted: Floats) -> tuple[float, float] | None:
        """The slope of the found on the planted logarithms, with its error; None if all planted ones are equal."""
        usable = self.usable & (planted > 0)
        weight = np.where(usable, self.expected, 0.0)
        if np.count_nonzero(usable) < 2:
            return None
        log = np.log(np.where(planted > 0, planted, 1.0))
        centered = log - (weight * log).sum() / weight.sum()
        spread = float((weight * centered * centered).sum())
        if spread <= 1e-12 * weight.sum():
            return None
        slope, error = self.of(weight * centered / spread)
        return 1.0 + slope, error


@dataclass(frozen=True, slots=True)
class CountVariance:
    """Of the planted process: the variance over the mean of a parent's events at a known rate, and the variance of its
    rate in each category, (k,).
    """

    fano: float
    spread: Floats


def contrast(tally: FactorSums, common: Floats | None = None, chance: CountVariance | None = None) -> Contrast:
    """The estimates of a factor.

    `common` is the covariance that all parents share, (k, k), relative to the mean. `chance` is that of the planted
    process. It is added for few parents, whose residuals alone make the error too small (two parents of one category
    leave none at all).
    """
    seen, expected = tally.seen, tally.expected
    scale = max(float(expected.sum()) / max(float(tally.spans.sum()), 1e-9), 1.0)
    alone = (
        np.diag(tally.products)[len(seen) :] * scale / np.maximum(expected, 1e-9) ** 2
    )  # 1 / parents, as if all were equal
    silent = (seen == 0) & (alone * LEAST_PARENTS <= 1.0)
    least = max(LEAST_EXPECTED, LEAST_CLUSTERS * (chance.fano if chance else 1.0))
    usable = (expected >= least) & ((seen > 0) | silent)
    ratio = np.where(usable, np.log(np.maximum(seen, _HALF) / np.maximum(expected, 1e-9)), 0.0)
    level = np.where(usable & ~silent, np.exp(ratio), 0.0)
    own = np.maximum(seen, 1.0)
    covariance = residual(tally.products, level) * scale / np.outer(own, own)
    if chance is not None:
        covariance += _few_parents(tally, scale, alone, chance)
    # without observed events, the error is that under the planted parameters
    covariance += np.diag(np.where(silent, 1.0 / np.maximum(expected, 1.0) + alone, 0.0))
    if common is not None:
        covariance = covariance + common
    return Contrast(ratio, np.where(np.outer(usable, usable), covariance, 0.0), expected, usable, seen)


def _few_parents(tally: FactorSums, scale: float, alone: Floats, chance: CountVariance) -> Floats:
    """The covariance under the planted process, in the measure in which parents are few, (k, k)."""
    size, expected = len(tally.seen), np.maximum(tally.expected, 1e-9)
    alike = tally.products[size:, size:] * scale / np.outer(expected, expected)
    root = np.sqrt(chance.spread)
    planted = np.diag(chance.fano / expected) + np.outer(root, root) * alike
    weight = np.sqrt(alone * FEW_PARENTS / (1.0 + alone * FEW_PARENTS))
    found: Floats = planted * np.outer(weight, weight)
    return found


def residual(products: Floats, ratio: Floats) -> Floats:
    """From products of [seen, expected] those of seen - ratio x expected, (k, k)."""
    size = len(ratio)
    seen, both, expected = products[:size, :size], products[:size, size:], products[size:, size:]
    found: Floats = seen - both * ratio - (both * ratio).T + expected * np.outer(ratio, ratio)
    return found
