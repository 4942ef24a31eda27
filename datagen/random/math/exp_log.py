"""Portable exponentials, logarithms and powers: the same bits on every CPU, within a few units in the last place.

Only + - * / rint and bit operations: exp by reduction to |r| <= ln(2) / 2 and its Taylor series; log by the series of
the inverse hyperbolic tangent; power by a logarithm of two floats (head and tail), whose products are split exactly
(Dekker, "A floating-point technique for extending the available precision", 1971).
"""

from __future__ import annotations

from math import factorial
from typing import overload

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.math.elementwise import CHUNK, Elementwise, one_nan, polynomial
from datagen.random.streams import in_chunks

_LN2_HEAD = float.fromhex("0x1.62e42fefa2000p-1")  # 40 bits, so that its product with an exponent is exact
_LN2_TAIL = float.fromhex("0x1.9ef35793c7673p-41")
_PER_LN2 = float.fromhex("0x1.71547652b82fep+0")
_LOG2E = (_PER_LN2, float.fromhex("0x1.777d0ffda0d24p-56"))
_LOG10E = (float.fromhex("0x1.bcb7b1526e50ep-2"), float.fromhex("0x1.95355baaafad3p-57"))
_SQRT_HALF_BITS = 0x3FE6A09E667F3BCD
_ONE_BITS = 0x3FF0000000000000
_MANTISSA = (1 << 52) - 1
_SMALLEST_NORMAL = 2.0**-1022
_SPLITTER = 134217729.0  # 2**27 + 1
_EXP_SERIES = tuple(1.0 / factorial(k) for k in range(13, 1, -1))
_LOG_SERIES = tuple(2.0 / k for k in range(23, 2, -2))


def _reduce(x: Floats, tail: Floats | float = 0.0) -> tuple[Floats, Floats]:
    """k and exp(r) - 1 where x + tail = k ln(2) + r."""
    k = np.rint(x * _PER_LN2)
    r = x - k * _LN2_HEAD
    r -= k * _LN2_TAIL - tail
    series = polynomial(r, _EXP_SERIES)
    series *= r
    series *= r
    return k, r + series


def _scaled(x: Floats, k: Floats) -> Floats:
    """x * 2**k for k from -1080 to 1030, rounded once."""
    exponent = k.astype(np.int64)
    half = exponent >> 1
    exponent -= half
    for part in (half, exponent):
        part += 1023
        part <<= 52
        x = x * part.view(np.float64)
    return x


def _exp(x: Floats, tail: Floats | float = 0.0) -> Floats:
    k, grown = _reduce(np.minimum(np.maximum(x, -746.0), 710.0), tail)
    grown += 1.0
    return _scaled(grown, k)


@Elementwise
def exp(x: Floats) -> Floats:
    """e**x."""
    return _exp(x)


@Elementwise
def expm1(x: Floats) -> Floats:
    """e**x - 1, accurate near 0 too."""
    k, grown = _reduce(np.minimum(np.maximum(x, -60.0), 710.0))
    grown += 1.0 - _scaled(np.ones(len(x)), -k)
    return _scaled(grown, k)


@Elementwise
def tanh(x: Floats) -> Floats:
    """The hyperbolic tangent."""
    k, grown = _reduce(2.0 * np.minimum(np.abs(x), 22.0))
    grown += 1.0 - _scaled(np.ones(len(x)), -k)
    grown = _scaled(grown, k)
    return np.copysign(grown / (grown + 2.0), x)


def _split(x: Floats) -> tuple[Floats, Floats]:
    """k and f, x = 2**k (1 + f), 1 + f in [sqrt(1/2), sqrt(2)), for positive finite x."""
    small = x < _SMALLEST_NORMAL
    if small.any():
        x = np.where(small, x * 2.0**54, x)
    bits = x.view(np.int64) + (_ONE_BITS - _SQRT_HALF_BITS)
    k = ((bits >> 52) - 1023).astype(np.float64)
    k -= 54.0 * small
    bits &= _MANTISSA
    bits += _SQRT_HALF_BITS
    f = bits.view(np.float64)
    f -= 1.0
    return k, f


def _at_ends(x: Floats, out: Floats) -> Floats:
    """Logarithms put right where x is not positive and finite."""
    usual = (x > 0.0) & (x < np.inf)
    if not usual.all():
        ends = np.where(x == 0.0, -np.inf, np.where(x > 0.0, np.inf, np.nan))
        out = np.where(usual, out, ends)
    return out


def _log(x: Floats, tail: Floats | float = 0.0) -> Floats:
    """log(x) + tail; log(1 + f) = f - s (f - R) with s = f / (2 + f), exact in its leading term."""
    k, f = _split(x)
    s = f / (f + 2.0)
    square = s * s
    square *= polynomial(square, _LOG_SERIES)
    rest = s * (f - square)
    rest -= k * _LN2_TAIL + tail
    return _at_ends(x, k * _LN2_HEAD + (f - rest))


@Elementwise
def log(x: Floats) -> Floats:
    """The natural logarithm; -inf at 0, NaN below."""
    return _log(x)


@Elementwise
def log1p(x: Floats) -> Floats:
    """log(1 + x), accurate near 0 too; -inf at -1, NaN below."""
    whole = 1.0 + x
    lost = np.where(np.abs(x) < 1.0, x - (whole - 1.0), 1.0 - (whole - x))
    lost /= whole
    return _log(whole, np.where(np.isfinite(lost), lost, 0.0))


def _product(x: Floats, y: Floats | float) -> tuple[Floats, Floats]:
    """The product and what rounding took from it; NaN where a factor is beyond 1e300."""
    big = x * _SPLITTER
    x_head = big - (big - x)
    big_y = y * _SPLITTER
    y_head = big_y - (big_y - y)
    x_tail, y_tail = x - x_head, y - y_head
    product = x * y
    return product, ((x_head * y_head - product) + x_head * y_tail + x_tail * y_head) + x_tail * y_tail


def _sum(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """The sum and what rounding took from it (Knuth's two-sum)."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def _long_log(x: Floats) -> tuple[Floats, Floats]:
    """The natural logarithm as head and tail, about 60 bits, for positive finite x."""
    k, f = _split(x)
    below = f + 2.0
    s = f / below
    product, lost = _product(s, below)
    s_tail = ((f - product) - lost - s * (f - (below - 2.0))) / below
    square = s * s
    rest = s * square * polynomial(square, _LOG_SERIES)
    rest += 2.0 * s_tail + k * _LN2_TAIL
    head, tail = _sum(k * _LN2_HEAD, 2.0 * s)
    return _sum(head, tail + rest)


def _times(x: Floats, factor: tuple[float, float]) -> Floats:
    """log(x) times a constant of two floats, rounded once or nearly so."""
    head, tail = _long_log(x)
    product, lost = _product(head, factor[0])
    return _at_ends(x, product + (lost + tail * factor[0] + head * factor[1]))


@Elementwise
def log2(x: Floats) -> Floats:
    """The logarithm to base 2, exact for powers of 2."""
    return _times(x, _LOG2E)


@Elementwise
def log10(x: Floats) -> Floats:
    """The logarithm to base 10, exact for powers of 10."""
    return _times(x, _LOG10E)


def _power(x: Floats, y: Floats | float) -> Floats:
    size = np.abs(x)
    head, tail = _long_log(size)
    head = _at_ends(size, head)
    exponent, lost = _product(head, y)
    exponent = head * y
    extra = lost + tail * y
    out = _exp(exponent, np.where((np.abs(exponent) < 800.0) & np.isfinite(extra), extra, 0.0))
    out = np.where(size == 1.0, 1.0, out)
    whole = np.floor(y) == y
    odd = whole & (y - 2.0 * np.floor(y * 0.5) == 1.0)
    out = np.where(np.signbit(x) & odd, -out, out)
    out = np.where((x < 0.0) & (x > -np.inf) & ~whole, np.nan, out)
    out = np.where(np.isnan(x) | np.isnan(y), np.nan, out)
    return np.where((x == 1.0) | (y == 0.0), 1.0, out)


@overload
def power(x: float, y: float) -> float: ...
@overload
def power(x: Floats, y: Floats | float) -> Floats: ...
@overload
def power(x: float, y: Floats) -> Floats: ...
def power(x: float | Floats, y: float | Floats) -> float | Floats:
    """x**y for numbers or arrays that broadcast, with the special cases of IEEE 754 `pow`."""
    base, exponent = np.asarray(x, np.float64), np.asarray(y, np.float64)
    shape = np.broadcast_shapes(base.shape, exponent.shape)
    flat = np.broadcast_to(base, shape).reshape(-1)
    exponents = None if exponent.ndim == 0 else np.broadcast_to(exponent, shape).reshape(-1)
    out = np.empty(len(flat))
    with np.errstate(all="ignore"):
        for chunk in in_chunks(len(flat), CHUNK):
            out[chunk] = one_nan(_power(flat[chunk], float(exponent) if exponents is None else exponents[chunk]))
    return out.reshape(shape) if shape or isinstance(x, np.ndarray) else float(out[0])
