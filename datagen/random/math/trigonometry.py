"""Portable sine, cosine, tangent and arctangent: the same bits on every CPU, within a few units in the last place.

Angles up to a million radians are reduced by multiples of pi / 2 in three parts (W. J. Cody and W. Waite, 1980). Larger
ones are multiplied by as many bits of 2 / pi as they need, in integers (M. Payne and R. Hanek, 1983): the error does
not grow with the angle.
"""

from __future__ import annotations

from functools import cache
from math import factorial

import numpy as np
import numpy.typing as npt

from datagen.columnar.block import Floats
from datagen.random.math.elementwise import Elementwise, polynomial

_TWO_PER_PI = float.fromhex("0x1.45f306dc9c883p-1")
_HALF_PI_PARTS = tuple(map(float.fromhex, ("0x1.921fb54400000p+0", "0x1.0b4611a600000p-34", "0x1.3198a2e037073p-69")))
_HALF_PI = float.fromhex("0x1.921fb54442d18p+0")
_HALF_PI_TAIL = float.fromhex("0x1.1a62633145c07p-54")
_FAR = 2.0**20
_WORD = 2**32 - 1
_TABLE = 40
"""Words of 2 / pi: the largest exponent, 971, and the 192 bits of a product."""
_SIN_SERIES = tuple((-1.0) ** (k // 2) / factorial(k) for k in range(17, 2, -2))
_COS_SERIES = tuple((-1.0) ** (k // 2) / factorial(k) for k in range(18, 3, -2))
_ATAN_SERIES = tuple((-1.0) ** (k // 2) / k for k in range(27, 2, -2))


def _reduced(x: Floats) -> tuple[Floats, Floats]:
    """The nearest multiple of pi / 2 (as a number of quarter turns, exact modulo 4) and the remainder of the angle."""
    far = np.abs(x) > _FAR
    near = np.where(far, 0.0, x) if far.any() else x
    k = np.rint(near * _TWO_PER_PI)
    r = near
    for part in _HALF_PI_PARTS:
        r = r - k * part
    there = np.flatnonzero(far & np.isfinite(x))
    if there.size:
        k[there], r[there] = _reduced_exactly(x[there])
    r[np.isinf(x)] = np.nan
    return k, r


@cache
def _two_per_pi_words() -> npt.NDArray[np.uint64]:
    """The bits of 2 / pi behind the binary point in words of 32, after two words of zeros."""
    bits = 32 * _TABLE
    one = 1 << (bits + 64)
    pi = 16 * _arctangent(5, one) - 4 * _arctangent(239, one)  # J. Machin, 1706
    digits = (2 * one << bits) // pi
    words = [0, 0, *((digits >> (bits - 32 * (i + 1))) & _WORD for i in range(_TABLE))]
    return np.array(words, np.uint64)


def _arctangent(inverse: int, one: int) -> int:
    """The arctangent of 1 / inverse in units of 1 / one."""
    power, total, n = one // inverse, 0, 1
    while power:
        total += power // n if n % 4 == 1 else -(power // n)
        power, n = power // inverse**2, n + 2
    return total


def _reduced_exactly(x: Floats) -> tuple[Floats, Floats]:
    """`_reduced` for angles beyond 2**20: the fraction of x * 2 / pi modulo 4, from 192 bits of the product."""
    pattern = np.abs(x).view(np.uint64)
    mantissa = (pattern & np.uint64((1 << 52) - 1)) | np.uint64(1 << 52)
    exponent = (pattern >> np.uint64(52)).astype(np.int64) - 1075
    product = _times(mantissa, _window(exponent + 62))
    top = product[-1]
    k = ((top + np.uint64(1 << 29)) >> np.uint64(30)) & np.uint64(3)
    product[-1] = (top - (k << np.uint64(30))) & np.uint64(_WORD)
    negative = product[-1] >= np.uint64(1 << 31)
    limbs = [np.where(negative, limb ^ np.uint64(_WORD), limb).astype(np.float64) for limb in product]
    high = limbs[5] * 2.0**-30 + limbs[4] * 2.0**-62
    rest = limbs[4] * 2.0**-62 - (high - limbs[5] * 2.0**-30)
    fraction = high + (rest + (limbs[3] * 2.0**-94 + limbs[2] * 2.0**-126))
    r = np.where(negative, -fraction, fraction) * _HALF_PI
    turns = k.astype(np.float64)
    return np.where(x < 0, -turns, turns), np.where(x < 0, -r, r)


def _window(start: npt.NDArray[np.int64]) -> list[npt.NDArray[np.uint64]]:
    """192 bits of the table from bit `start` on, as six words of 32, the least significant first; shape (n,) each."""
    words, shift = _two_per_pi_words(), (start % 32).astype(np.uint64)
    at = start // 32
    return [
        ((words[at + i] << shift) | (words[at + i + 1] >> (np.uint64(32) - shift))) & np.uint64(_WORD)
        for i in range(5, -1, -1)
    ]


def _times(number: npt.NDArray[np.uint64], words: list[npt.NDArray[np.uint64]]) -> list[npt.NDArray[np.uint64]]:
    """number * words modulo 2**192, in words of 32, the least significant first."""
    low, high = number & np.uint64(_WORD), number >> np.uint64(32)
    product, carry = [], np.zeros_like(number)
    for i, word in enumerate(words):
        # both products are below 2**64; their halves are added apart
        a, b = low * word, high * words[i - 1] if i else np.zeros_like(number)
        total = (a & np.uint64(_WORD)) + (b & np.uint64(_WORD)) + carry
        product.append(total & np.uint64(_WORD))
        carry = (total >> np.uint64(32)) + (a >> np.uint64(32)) + (b >> np.uint64(32))
    return product


def _sin_cos(x: Floats) -> tuple[Floats, Floats]:
    """Sine and cosine at once."""
    k, r = _reduced(x)
    square = r * r
    sine = r + r * square * polynomial(square, _SIN_SERIES)
    cosine = (1.0 - 0.5 * square) + square * square * polynomial(square, _COS_SERIES)
    quarter = k - 4.0 * np.floor(k * 0.25)
    odd = (quarter == 1.0) | (quarter == 3.0)
    sine, cosine = np.where(odd, cosine, sine), np.where(odd, sine, cosine)
    negative = (quarter == 1.0) | (quarter == 2.0)
    return np.where(quarter >= 2.0, -sine, sine), np.where(negative, -cosine, cosine)


@Elementwise
def sin(x: Floats) -> Floats:
    """The sine of an angle in radians."""
    return _sin_cos(x)[0]


@Elementwise
def cos(x: Floats) -> Floats:
    """The cosine of an angle in radians."""
    return _sin_cos(x)[1]


@Elementwise
def tan(x: Floats) -> Floats:
    """The tangent of an angle in radians."""
    sine, cosine = _sin_cos(x)
    return sine / cosine


@Elementwise
def atan(x: Floats) -> Floats:
    """The arctangent in radians, from -pi / 2 to pi / 2."""
    size = np.abs(x)
    steep = size > 1.0
    t = np.where(steep, 1.0 / size, size)
    for _ in range(2):  # halve the angle twice: t <= tan(pi / 16)
        t = t / (1.0 + np.sqrt(1.0 + t * t))
    square = t * t
    angle = 4.0 * (t + t * square * polynomial(square, _ATAN_SERIES))
    size = np.where(steep, (_HALF_PI - angle) + _HALF_PI_TAIL, angle)
    out: Floats = np.copysign(size, x)
    return out
