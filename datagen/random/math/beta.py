"""The beta distribution, portable: distribution function and quantiles, for tables made at plan time.

On the scale s = logit(x) - log(a / b). Continued fraction: DLMF 8.17.22; large parameters by quadrature. They
iterate until the whole array has converged, so the last bits of a value depend on what else is in it.
"""

from __future__ import annotations

from typing import overload

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.math.elementary import exp, expm1, log, log1p
from datagen.random.math.gamma import log_peak, split_tails
from datagen.random.math.normal import normal_ppf
from datagen.random.math.tail_inversion import continued_fraction, integral, solve

_LARGE = 1000.0


class BetaTails:
    """Log density and Mills ratios of a beta distribution at s = logit(x) - log(a / b)."""

    def __init__(self, a: float, b: float) -> None:
        self.a, self.b = a, b
        self.peak = log_peak(a) + log_peak(b) - log_peak(a + b)

    def x(self, s: Floats, upper: bool = False) -> Floats:
        """The value at s, or with `upper` one less the value."""
        a, b = (self.b, self.a) if upper else (self.a, self.b)
        with np.errstate(over="ignore"):  # a value that small is 0
            return 1.0 / (1.0 + (b / a) * exp(s if upper else -s))

    def density(self, s: Floats) -> Floats:
        """The log density on the scale of s."""
        rising = s < 0.0  # expm1 of a negative number never overflows
        share = np.where(rising, self.a, self.b) / (self.a + self.b)
        own = np.where(rising, self.a, self.b)
        return self.peak - own * np.abs(s) - (self.a + self.b) * log1p(share * expm1(-np.abs(s)))

    def mills(self, s: Floats, upper: bool) -> Floats:
        """The lower or upper tail over the density."""
        if min(self.a, self.b) >= _LARGE:
            return self._by_quadrature(s, upper)
        below = self.x(s) < (self.a + 1.0) / (self.a + self.b + 2.0)
        out = np.empty(len(s))
        for where, side in ((below, False), (~below, True)):
            ratio = self._fraction(self.x(s[where], side), side)
            out[where] = ratio if side == upper else exp(-self.density(s[where])) - ratio
        return out

    def _fraction(self, x: Floats, upper: bool) -> Floats:
        a, b = (self.b, self.a) if upper else (self.a, self.b)

        def term(k: int) -> tuple[Floats, float]:
            m = k // 2
            if k % 2:
                return x * (-(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1))), 1.0
            return x * (m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m))), 1.0

        return 1.0 / (a * continued_fraction(term, np.ones(len(x))))

    def _by_quadrature(self, s: Floats, upper: bool) -> Floats:
        a, total = (self.b if upper else self.a), self.a + self.b
        x = self.x(s, upper)
        return integral(lambda y: -a * y - total * log1p(x * expm1(-y)), a - total * x, total * x * (1.0 - x))


def _checked(a: float, b: float) -> BetaTails:
    if not (0.0 < a < 1e9 and 0.0 < b < 1e9):
        raise ValueError(f"the parameters of a beta distribution must be positive and below 1e9, not {a} and {b}")
    return BetaTails(float(a), float(b))


def beta_cdf(x: Floats, a: float, b: float, upper: bool = False) -> Floats:
    """P(X <= x), or with `upper` P(X > x), of a beta distribution on [0, 1], shape (n,)."""
    distribution = _checked(a, b)
    inside = (x > 0.0) & (x < 1.0)
    usual = np.where(inside, x, 0.5)
    s = log(usual) - log1p(-usual) - log(a / b)
    right = usual > (a + 1.0) / (a + b + 2.0)
    out = np.empty(len(x))
    for where, side in ((right, True), (~right, False)):
        tail = exp(distribution.density(s[where]) + log(distribution.mills(s[where], side)))
        out[where] = tail if side == upper else 1.0 - tail
    ends = np.where(np.isnan(x), np.nan, np.where((x > 0.0) == upper, 0.0, 1.0))
    return np.where(inside, out, ends)


@overload
def beta_ppf(p: float, a: float, b: float, upper: bool = ...) -> float: ...
@overload
def beta_ppf(p: Floats, a: float, b: float, upper: bool = ...) -> Floats: ...
def beta_ppf(p: float | Floats, a: float, b: float, upper: bool = False) -> float | Floats:
    """The quantile of a beta distribution on [0, 1] at lower-tail, or with `upper` upper-tail, probability p."""
    distribution = _checked(a, b)
    flat = np.asarray(p, np.float64).reshape(-1)
    first, last = (1.0, 0.0) if upper else (0.0, 1.0)
    out = np.where(flat == 0.0, first, np.where(flat == 1.0, last, np.nan))
    spread = np.sqrt(1.0 / a + 1.0 / b)
    for where, tail, side in split_tails(flat, upper):
        start = normal_ppf(tail, side) * spread
        out[where] = distribution.x(solve(distribution.density, distribution.mills, log(tail), start, side))
    return out.reshape(p.shape) if isinstance(p, np.ndarray) else float(out[0])
