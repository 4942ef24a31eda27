"""Portable sine, cosine, tangent and arctangent: the same bits on every CPU, within a few units in the last place.

Angles are reduced by multiples of pi / 2 in three parts (Cody and Waite), full precision up to about a million radians;
beyond that the error grows in proportion to the angle.
"""

from __future__ import annotations

from math import factorial

import numpy as np

from datagen.block import Floats
from datagen.sampling.elementwise import Elementwise, polynomial

_TWO_PER_PI = float.fromhex("0x1.45f306dc9c883p-1")
_HALF_PI_PARTS = tuple(map(float.fromhex, ("0x1.921fb54400000p+0", "0x1.0b4611a600000p-34", "0x1.3198a2e037073p-69")))
_HALF_PI = float.fromhex("0x1.921fb54442d18p+0")
_HALF_PI_TAIL = float.fromhex("0x1.1a62633145c07p-54")
_FAR = 2.0**20
_SIN_SERIES = tuple((-1.0) ** (k // 2) / factorial(k) for k in range(17, 2, -2))
_COS_SERIES = tuple((-1.0) ** (k // 2) / factorial(k) for k in range(18, 3, -2))
_ATAN_SERIES = tuple((-1.0) ** (k // 2) / k for k in range(27, 2, -2))


def _sin_cos(x: Floats) -> tuple[Floats, Floats]:
    """Sine and cosine at once."""
    far = np.abs(x) > _FAR
    if far.any():
        x = np.where(far, np.fmod(x, 4.0 * _HALF_PI), x)  # exact, but by a period that is rounded
    k = np.rint(x * _TWO_PER_PI)
    r = x
    for part in _HALF_PI_PARTS:
        r = r - k * part
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
