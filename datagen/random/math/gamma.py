"""The gamma distribution, portable: log-gamma, distribution function and quantiles, for tables made at plan time.

On the scale s = log(x / shape). Series and continued fraction: DLMF 8.7.1 and 8.9.2; large shapes by quadrature. They
iterate until the whole array has converged, so the last bits of a value depend on what else is in it.
"""

from __future__ import annotations

from typing import overload

import numpy as np

from datagen.columnar.block import Bools, Floats
from datagen.random.math.elementary import exp, expm1, log, log1p
from datagen.random.math.elementwise import Elementwise, polynomial
from datagen.random.math.normal import normal_ppf
from datagen.random.math.tail_inversion import continued_fraction, integral, solve

_HALF_LOG_2PI = float.fromhex("0x1.d67f1c864beb5p-1")
# Stirling's series in 1 / x**2, highest power first: B_2k / (2k (2k - 1)).
_STIRLING = (1 / 156, -691 / 360360, 1 / 1188, -1 / 1680, 1 / 1260, -1 / 360, 1 / 12)
_LARGE = 100.0


def _stirling_rest(x: Floats) -> Floats:
    """What Stirling's formula lacks, log_gamma(x) - ((x - 1/2) log(x) - x + log(2 pi) / 2), for x >= 10."""
    return polynomial(1.0 / (x * x), _STIRLING) / x


@Elementwise
def log_gamma(x: Floats) -> Floats:
    """The logarithm of the gamma function for x > 0; NaN below."""
    product = np.ones(len(x))
    raised = x
    for _ in range(12):
        low = raised < 12.0
        product = np.where(low, product * raised, product)
        raised = np.where(low, raised + 1.0, raised)
    main = (raised - 0.5) * log(raised) - raised + _HALF_LOG_2PI + _stirling_rest(raised)
    out = main - log(product)
    return np.where(x > 0.0, np.where(x == np.inf, np.inf, out), np.where(x == 0.0, np.inf, np.nan))


def log_peak(shape: float) -> float:
    """The logarithm of shape**shape e**-shape / gamma(shape), without cancellation for large shapes."""
    if shape < 12.0:
        return shape * log(shape) - shape - log_gamma(shape)
    return 0.5 * log(shape) - _HALF_LOG_2PI - float(_stirling_rest(np.array([shape]))[0])


class GammaTails:
    """Log density and Mills ratios of a gamma distribution at s = log(x / shape)."""

    def __init__(self, shape: float) -> None:
        self.shape = shape
        self.peak = log_peak(shape)

    def density(self, s: Floats) -> Floats:
        """The log density on the scale of s."""
        return self.peak - self.shape * (expm1(s) - s)

    def mills(self, s: Floats, upper: bool) -> Floats:
        """The lower or upper tail over the density."""
        if self.shape >= _LARGE:
            return self._by_quadrature(s, upper)
        x = self.shape * exp(s)
        below = x <= max(self.shape, 1.5)
        out = np.empty(len(s))
        for where, direct in ((below, not upper), (~below, upper)):
            ratio = self._fraction(x[where]) if where is not below else self._series(x[where])
            out[where] = ratio if direct else exp(-self.density(s[where])) - ratio
        return out

    def _series(self, x: Floats) -> Floats:
        """The lower tail."""
        term = np.full(len(x), 1.0 / self.shape)
        total = term.copy()
        for k in range(1, 10000):
            term = term * (x / (self.shape + k))
            total += term
            if (term <= 1e-17 * total).all():
                break
        return total

    def _fraction(self, x: Floats) -> Floats:
        """The upper tail."""
        start = x + 1.0 - self.shape
        return 1.0 / continued_fraction(lambda k: (np.full(len(x), -k * (k - self.shape)), start + 2.0 * k), start)

    def _by_quadrature(self, s: Floats, upper: bool) -> Floats:
        ratio = exp(s)
        sign = 1.0 if upper else -1.0
        slope, curvature = sign * self.shape * (ratio - 1.0), self.shape * ratio
        return integral(lambda y: self.shape * (sign * y - ratio * expm1(sign * y)), slope, curvature)


def _checked(shape: float) -> float:
    if not 0.0 < shape < 1e15:
        raise ValueError(f"the shape of a gamma distribution must be positive and below 1e15, not {shape}")
    return float(shape)


def gamma_cdf(x: Floats, shape: float, upper: bool = False) -> Floats:
    """P(X <= x), or with `upper` P(X > x), of a gamma distribution with this shape and scale 1, shape (n,)."""
    distribution = GammaTails(_checked(shape))
    inside = (x > 0.0) & (x < np.inf)
    s = log(np.where(inside, x, 1.0) / shape)
    right = s > (0.0 if shape >= 1.5 else log(1.5 / shape))
    out = np.empty(len(x))
    for where, side in ((right, True), (~right, False)):
        tail = exp(distribution.density(s[where]) + log(distribution.mills(s[where], side)))
        out[where] = tail if side == upper else 1.0 - tail
    ends = np.where(np.isnan(x), np.nan, np.where((x > 0.0) == upper, 0.0, 1.0))
    return np.where(inside, out, ends)


def _start(shape: float, tail: Floats, upper: bool) -> Floats:
    """Near the quantile on the scale of s: Wilson and Hilferty (1931), or the leading term of the series."""
    z = normal_ppf(tail, upper)
    root = 1.0 - 1.0 / (9.0 * shape) + z * (1.0 / (3.0 * np.sqrt(shape)))
    leading = ((log1p(-tail) if upper else log(tail)) + log_gamma(shape + 1.0)) / shape - log(shape)
    usable = (root > 0.1) & (shape > 0.5)
    return np.where(usable, 3.0 * log(np.where(usable, root, 1.0)), leading)


@overload
def gamma_ppf(p: float, shape: float, upper: bool = ...) -> float: ...
@overload
def gamma_ppf(p: Floats, shape: float, upper: bool = ...) -> Floats: ...
def gamma_ppf(p: float | Floats, shape: float, upper: bool = False) -> float | Floats:
    """The quantile of a gamma distribution of scale 1 at lower-tail, or with `upper` upper-tail, probability p."""
    distribution = GammaTails(_checked(shape))
    flat = np.asarray(p, np.float64).reshape(-1)
    out = np.where(flat == 0.0, np.inf if upper else 0.0, np.where(flat == 1.0, 0.0 if upper else np.inf, np.nan))
    for where, tail, side in split_tails(flat, upper):
        out[where] = shape * exp(
            solve(distribution.density, distribution.mills, log(tail), _start(shape, tail, side), side)
        )
    return out.reshape(p.shape) if isinstance(p, np.ndarray) else float(out[0])


def split_tails(p: Floats, upper: bool) -> list[tuple[Bools, Floats, bool]]:
    """Which cells, the smaller of their two tail probabilities, and whether that is the upper tail."""
    small, large = (p > 0.0) & (p <= 0.5), (p > 0.5) & (p < 1.0)
    return [(small, p[small], upper), (large, 1.0 - p[large], not upper)]
