"""Fits distributions to numbers: parameters by moments or quantiles, the distribution by the largest distance of
quantiles.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable

Json = dict[str, Any]
Numbers = NDArray[np.float64]
DISTRIBUTIONS = ("normal", "lognormal", "exponential", "gamma", "weibull", "pareto", "uniform", "empirical")
"""The kinds of distributions of numbers."""
_GRID = np.linspace(0.01, 0.99, 99)
_WORDS = np.linspace(0, 2.0**64, 4098)[1:-1].astype(np.uint64)
_SIMPLER = 1.0
"""A distribution of one parameter is preferred until another is nearer by this over the root of the number of
values.
"""
_erf = np.vectorize(math.erf, otypes=[np.float64])


@dataclass(frozen=True, slots=True)
class Fit:
    """A distribution with its fields, and the largest difference between its distribution function and that of the data
    (0 to 1).
    """

    kind: str
    fields: Json
    distance: float


def fits(values: Numbers) -> list[Fit]:
    """Distributions of finite numbers, the nearest first; an exponential distribution first where those that contain
    it are as near.
    """
    found = (fit(values) for fit in (_normal, _lognormal, _exponential, _uniform, _weibull, _gamma, _pareto))
    made = sorted((one for one in found if one is not None), key=lambda one: one.distance)
    simple = next((one for one in made if one.kind == "exponential"), None)
    if simple is not None and made[0].kind in ("gamma", "weibull"):
        made.sort(key=lambda one: one.distance - (_SIMPLER / len(values) ** 0.5 if one is simple else 0))
    return made


def rounded(value: float, digits: int = 4) -> float:
    """A number with so many significant digits."""
    return float(f"{value:.{digits}g}")


def _distance(values: Numbers, cdf: Callable[[Numbers], Numbers]) -> float:
    """The Kolmogorov distance; ties of rounded data are compared at the middle of their step."""
    ordered = np.sort(values)
    points = np.unique(np.quantile(ordered, _GRID))
    below = np.searchsorted(ordered, points, "left") / len(ordered)
    upto = np.searchsorted(ordered, points, "right") / len(ordered)
    return float(np.max(np.abs(cdf(points) - (below + upto) / 2)))


def _normal(values: Numbers) -> Fit | None:
    mean, sd = float(values.mean()), float(values.std())
    if sd <= 0:
        return None
    distance = _distance(values, lambda x: 0.5 * (1 + _erf((x - mean) / (sd * math.sqrt(2)))))
    return Fit("normal", {"mean": rounded(mean), "sd": rounded(sd)}, distance)


def _lognormal(values: Numbers) -> Fit | None:
    if values.min() <= 0:
        return None
    logs = np.log(values)
    mu, sigma = float(logs.mean()), float(logs.std())
    if not 0.01 < sigma < 6:
        return None
    distance = _distance(values, lambda x: 0.5 * (1 + _erf((np.log(x) - mu) / (sigma * math.sqrt(2)))))
    return Fit("lognormal", {"median": rounded(math.exp(mu)), "sigma": rounded(sigma, 3)}, distance)


def _exponential(values: Numbers) -> Fit | None:
    mean = float(values.mean())
    if values.min() < 0 or mean <= 0:
        return None
    return Fit("exponential", {"mean": rounded(mean)}, _distance(values, lambda x: 1 - np.exp(-x / mean)))


def _uniform(values: Numbers) -> Fit | None:
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return None
    return Fit("uniform", {"min": low, "max": high}, _distance(values, lambda x: (x - low) / (high - low)))


def _weibull(values: Numbers) -> Fit | None:
    """By the mean and variance of the logarithm (Menon 1963)."""
    if values.min() <= 0:
        return None
    logs = np.log(values)
    spread = float(logs.std())
    if spread <= 0:
        return None
    shape = math.pi / (spread * math.sqrt(6))
    scale = math.exp(float(logs.mean()) + 0.5772156649 / shape)
    if not 0.1 <= shape <= 100:
        return None
    distance = _distance(values, lambda x: 1 - np.exp(-((x / scale) ** shape)))
    return Fit("weibull", {"scale": rounded(scale), "shape": rounded(shape, 3)}, distance)


def _gamma(values: Numbers) -> Fit | None:
    """By the approximate likelihood equation of Minka (2002), good to a percent and a half."""
    if values.min() <= 0:
        return None
    mean = float(values.mean())
    gap = math.log(mean) - float(np.log(values).mean())
    if gap <= 1e-9:
        return None
    shape = (3 - gap + math.sqrt((gap - 3) ** 2 + 24 * gap)) / (12 * gap)
    if not 0.05 <= shape <= 1000:
        return None
    distribution = distributions.gamma(rounded(shape, 3), rounded(mean))
    return Fit("gamma", {"mean": rounded(mean), "shape": rounded(shape, 3)}, _distance(values, _cdf(distribution)))


def _pareto(values: Numbers) -> Fit | None:
    """By maximum likelihood (Hill 1975), from the smallest value on."""
    minimum = float(values.min())
    if minimum <= 0:
        return None
    excess = float(np.log(values / minimum).mean())
    if not 0.05 <= excess <= 5:
        return None
    distance = _distance(values, lambda x: 1 - (minimum / x) ** (1 / excess))
    return Fit("pareto", {"minimum": minimum, "alpha": rounded(1 / excess, 3)}, distance)


def _cdf(distribution: InverseCdfTable) -> Callable[[Numbers], Numbers]:
    """The distribution function of a distribution that is known by its quantiles."""
    quantiles = distribution.at(_WORDS)
    return lambda x: np.interp(x, quantiles, _WORDS / 2.0**64)
