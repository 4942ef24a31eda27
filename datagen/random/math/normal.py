"""The normal distribution, portable: error functions, distribution function and quantiles, for tables made at plan
time.
"""

from __future__ import annotations

from typing import overload

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.math.elementary import exp, log
from datagen.random.math.elementwise import Elementwise, polynomial

_ERFCX_SERIES = (
    1.1775789345674017,
    -0.004590054580646478,
    -0.08424913336651792,
    0.05920993999819189,
    -0.026658668435305753,
    0.009074997670705265,
    -0.002413163540417608,
    0.0004907758365258086,
    -6.916973302501207e-05,
    4.13902798607301e-06,
    7.74038306619849e-07,
    -2.1886401049234397e-07,
    1.076499946567091e-08,
    4.521959811218287e-09,
    -7.754400208831351e-10,
    -6.318088340886684e-11,
    2.86879501093067e-11,
    1.9455868545777347e-13,
    -9.65469674843344e-13,
    3.25254814814874e-14,
    3.3478119482868056e-14,
    -1.864562880419313e-15,
    -1.2507950530688648e-15,
    7.418235256624044e-17,
    5.068148904796111e-17,
)
"""Chebyshev series of (1 + 2 x) exp(x**2) erfc(x) in (x - 3.75) / (x + 3.75), x >= 0 (form: Shepherd and Laframboise
1981; coefficients computed afresh with 120 digits)."""
_SQRT_HALF = float.fromhex("0x1.6a09e667f3bcdp-1")
_TWO_PER_SQRT_PI = float.fromhex("0x1.20dd750429b6dp+0")
_PER_SQRT_2PI = float.fromhex("0x1.9884533d43651p-2")
_SQRT_HALF_PI = float.fromhex("0x1.40d931ff62706p+0")
_ROUND = 2.0**26


def _erf_series() -> tuple[float, ...]:
    """Coefficients of erf(x) / x in x**2, highest power first."""
    term, out = _TWO_PER_SQRT_PI, []
    for k in range(18):
        out.append(term / (2 * k + 1))
        term = -term / (k + 1)
    return tuple(reversed(out))


_ERF_SERIES = _erf_series()


def erfcx(x: Floats) -> Floats:
    """exp(x**2) erfc(x) for x >= 0, shape (n,), by Clenshaw's recurrence."""
    t = (x - 3.75) / (x + 3.75)
    later = np.zeros(len(x))
    last = np.zeros(len(x))
    for coefficient in _ERFCX_SERIES[:0:-1]:
        later, last = 2.0 * t * later - last + coefficient, later
    return (t * later - last + _ERFCX_SERIES[0]) / (1.0 + 2.0 * x)


def _exp_minus_square(x: Floats) -> Floats:
    """exp(-x**2), the rounding of the square made good."""
    head = np.rint(x * _ROUND) / _ROUND
    return exp(-head * head) * exp(-(x - head) * (x + head))


def _erf_near(x: Floats) -> Floats:
    """erf for |x| <= 1."""
    return x * polynomial(x * x, _ERF_SERIES)


@Elementwise
def erf(x: Floats) -> Floats:
    """The error function."""
    size = np.minimum(np.abs(x), 6.0)
    far = 1.0 - _exp_minus_square(size) * erfcx(size)
    return np.where(size < 0.5, _erf_near(np.where(size < 0.5, x, 0.0)), np.copysign(far, x))


@Elementwise
def erfc(x: Floats) -> Floats:
    """The complementary error function, accurate in the upper tail too."""
    size = np.minimum(np.abs(x), 28.0)
    far = _exp_minus_square(size) * erfcx(size)
    near = 1.0 - _erf_near(np.where(size < 0.5, x, 0.0))
    out = np.where(size < 0.5, near, np.where(x < 0, 2.0 - far, far))
    return np.where(np.isnan(x), np.nan, out)


@overload
def normal_cdf(x: float, upper: bool = ...) -> float: ...
@overload
def normal_cdf(x: Floats, upper: bool = ...) -> Floats: ...
def normal_cdf(x: float | Floats, upper: bool = False) -> float | Floats:
    """P(Z <= x), or with `upper` P(Z > x), of a standard normal Z."""
    return 0.5 * erfc(x * (_SQRT_HALF if upper else -_SQRT_HALF))


def _outer(p: Floats) -> Floats:
    """z > 0 with P(Z > z) = p <= 1/4: Newton's method on the logarithm of the tail, which is concave."""
    target = log(p)
    start = np.sqrt(-2.0 * target)
    z = start - (2.30753 + 0.27061 * start) / (1.0 + start * (0.99229 + 0.04481 * start))  # Hastings 1955
    for _ in range(3):
        mills = erfcx(z * _SQRT_HALF)
        z += (log(0.5 * mills) - 0.5 * z * z - target) * (_SQRT_HALF_PI * mills)
    return z


def _inner(p: Floats) -> Floats:
    """z >= 0 with P(Z > z) = p, 1/4 <= p <= 1/2: Newton's method on the error function."""
    beyond = 0.5 - p
    z = beyond * (1.0 / _PER_SQRT_2PI)
    for _ in range(4):
        density = _PER_SQRT_2PI * exp(-0.5 * z * z)
        z += (beyond - 0.5 * _erf_near(z * _SQRT_HALF)) / density
    return z


def _ppf(p: Floats) -> Floats:
    tail = np.minimum(p, 1.0 - p)
    z = np.where(tail == 0.0, np.inf, np.nan)
    outer, inner = (tail > 0.0) & (tail < 0.25), tail >= 0.25
    z[outer] = _outer(tail[outer])
    z[inner] = _inner(tail[inner])
    return np.where(p < 0.5, -z, z)


_lower_ppf = Elementwise(_ppf)


@overload
def normal_ppf(p: float, upper: bool = ...) -> float: ...
@overload
def normal_ppf(p: Floats, upper: bool = ...) -> Floats: ...
def normal_ppf(p: float | Floats, upper: bool = False) -> float | Floats:
    """The standard normal quantile at lower-tail probability p, or with `upper` at upper-tail probability p."""
    return -_lower_ppf(p) if upper else _lower_ppf(p)
