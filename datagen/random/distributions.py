"""The continuous distributions that columns use by name, each as a table of quantiles; tables are cached and shared.

Every function raises ValueError for invalid parameters.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.math.beta import beta_ppf
from datagen.random.math.elementary import exp, log, log1p, power
from datagen.random.math.gamma import gamma_ppf
from datagen.random.math.normal import normal_ppf

_KEPT = 64  # tables of 170 kB


def _positive(**parameters: float) -> None:
    for name, value in parameters.items():
        if not 0.0 < value < np.inf:
            raise ValueError(f"'{name}' must be positive and finite, not {value}")


def _unit_exponential(p: Floats, upper: bool) -> Floats:
    """Quantiles of the exponential distribution of mean 1: the cumulative hazard at which each distribution below is
    read.
    """
    return _quantiles_at(p.tobytes(), upper, "exponential")


def _unit_normal(p: Floats, upper: bool) -> Floats:
    return _quantiles_at(p.tobytes(), upper, "normal")


@lru_cache(16)
def _quantiles_at(probabilities: bytes, upper: bool, distribution: Literal["normal", "exponential"]) -> Floats:
    """Quantiles of a standard distribution at float64 probabilities, shape (n,): every table asks at the same ones."""
    p = np.frombuffer(probabilities)
    found = normal_ppf(p, upper) if distribution == "normal" else -log(p) if upper else -log1p(-p)
    found.setflags(write=False)
    return found


@lru_cache(_KEPT)
def normal(mean: float = 0.0, sd: float = 1.0) -> InverseCdfTable:
    """The normal distribution."""
    _positive(sd=sd)
    return InverseCdfTable.of(lambda p, upper: mean + sd * _unit_normal(p, upper))


@lru_cache(_KEPT)
def lognormal(median: float, sigma: float) -> InverseCdfTable:
    """The lognormal distribution; `sigma` is the standard deviation of the logarithm."""
    _positive(median=median, sigma=sigma)
    return InverseCdfTable.of(lambda p, upper: median * exp(sigma * _unit_normal(p, upper)))


@lru_cache(_KEPT)
def exponential(mean: float) -> InverseCdfTable:
    """The exponential distribution."""
    _positive(mean=mean)
    return InverseCdfTable.of(lambda p, upper: mean * _unit_exponential(p, upper))


@lru_cache(_KEPT)
def gamma(shape: float, mean: float) -> InverseCdfTable:
    """The gamma distribution by shape and mean: variance mean**2 / shape."""
    _positive(shape=shape, mean=mean)
    return InverseCdfTable.of(lambda p, upper: gamma_ppf(p, shape, upper) * (mean / shape))


@lru_cache(_KEPT)
def beta(a: float, b: float) -> InverseCdfTable:
    """The beta distribution on [0, 1], of mean a / (a + b)."""
    _positive(a=a, b=b)
    return InverseCdfTable.of(lambda p, upper: beta_ppf(p, a, b, upper))


@lru_cache(_KEPT)
def weibull(shape: float, scale: float) -> InverseCdfTable:
    """The Weibull distribution, S(x) = exp(-(x / scale)**shape): a falling hazard for shapes below 1."""
    _positive(shape=shape, scale=scale)
    return InverseCdfTable.of(lambda p, upper: scale * power(_unit_exponential(p, upper), 1.0 / shape))


@lru_cache(_KEPT)
def pareto(minimum: float, alpha: float) -> InverseCdfTable:
    """The Pareto distribution, S(x) = (minimum / x)**alpha from `minimum` on."""
    _positive(minimum=minimum, alpha=alpha)
    return InverseCdfTable.of(lambda p, upper: minimum * exp(_unit_exponential(p, upper) / alpha))


@lru_cache(_KEPT)
def log_logistic(shape: float, scale: float) -> InverseCdfTable:
    """The log-logistic distribution, S(x) = 1 / (1 + (x / scale)**shape), of median `scale`."""
    _positive(shape=shape, scale=scale)

    def ppf(p: Floats, upper: bool) -> Floats:
        logit = log(p) - log1p(-p)
        return scale * exp((-logit if upper else logit) / shape)

    return InverseCdfTable.of(ppf)


@lru_cache(_KEPT)
def gompertz(rate: float, growth: float) -> InverseCdfTable:
    """The Gompertz distribution: a hazard of `rate` at 0 that grows by `growth` per unit, h(x) = rate exp(growth x)."""
    _positive(rate=rate, growth=growth)
    return InverseCdfTable.of(lambda p, upper: log1p((growth / rate) * _unit_exponential(p, upper)) / growth)


@lru_cache(_KEPT)
def triangular(low: float, mode: float, high: float) -> InverseCdfTable:
    """The triangular distribution between `low` and `high` with its peak at `mode`."""
    if not low <= mode <= high or not low < high:
        raise ValueError("a triangular distribution needs low <= mode <= high and low < high")
    span = high - low
    left, right = (mode - low) / span, (high - mode) / span

    def ppf(p: Floats, upper: bool) -> Floats:
        near, far = (right, left) if upper else (left, right)
        rising, falling = span * np.sqrt(near * p), span * (1.0 - np.sqrt(np.maximum(far * (1.0 - p), 0.0)))
        distance = np.where(p <= near, rising, falling)
        return high - distance if upper else low + distance

    return InverseCdfTable.of(ppf)


@lru_cache(_KEPT)
def log_uniform(low: float, high: float) -> InverseCdfTable:
    """The distribution from `low` to `high` whose logarithm is uniform (reciprocal distribution)."""
    _positive(low=low, high=high)
    span = log(high / low)
    return InverseCdfTable.of(lambda p, upper: high * exp(-span * p) if upper else low * exp(span * p))
