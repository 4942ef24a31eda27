"""Approximates an age curve by linear pieces of whole hours, each with the mean of the curve.

A piece deviates by at most a thousandth of the curve, or by a millionth of its maximum where the curve has almost
vanished. In the first hours, where a piece cannot be shorter, it has the mean. The bounds of the pieces depend on the
curve alone, never on the window, so a longer window changes no existing rate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from datagen.columnar.block import Floats, Ints

HORIZON = 40 * 8766
"""Hours. Older entities keep the last value."""
TOLERANCE = 1e-3
"""The largest relative deviation of a piece from the curve."""
VANISHED = 1e-3
"""A share of the maximum. Smaller values are resolved to `TOLERANCE` of this share."""

MOST = 400
_FINE = 1000  # pieces in which an age is known when steps are sought
_HALVINGS = 40  # of the first hour, for its mean
_NODES = (0.5 - float.fromhex("0x1.8c97ef43f7248p-2"), 0.5, 0.5 + float.fromhex("0x1.8c97ef43f7248p-2"))
"""Gauss-Legendre nodes, three per cell: exact for polynomials of degree five."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """`values[k]` from age `edges[k]` (whole hours, edges[0] = 0), changing by `slopes[k]` per hour up to the next
    edge. The last piece has no end.
    """

    edges: Floats
    values: Floats
    slopes: Floats | None = None

    @classmethod
    def merged(cls, edges: Floats, values: Floats) -> Steps:
        """Merges neighbours of equal value, because each step costs a cell of exposure."""
        new = np.concatenate(([True], values[1:] != values[:-1]))
        return cls(edges[new], values[new])


def stepped(curve: Callable[[Floats], Floats]) -> Steps:
    """Approximates a continuous curve (hours to multiplier) by as few pieces as the tolerance allows."""
    fine = HourlyCurve(curve)
    if not float(fine.values.max()) > 0.0:
        return Steps(np.zeros(1), np.zeros(1))
    begin, found = 0, [0]
    last = len(fine.hours) - 1
    while begin < last and len(found) < MOST:
        begin = fine.reach(begin)
        found.append(begin)
    at = np.array(found)
    values, slopes = fine.lines(at[:-1], at[1:])
    return Steps(fine.hours[at], np.append(values, fine.values[at[-1]]), np.append(slopes, 0.0))


class HourlyCurve:
    """A curve on whole hours that are a thousandth of the age apart, with its integral."""

    def __init__(self, curve: Callable[[Floats], Floats]) -> None:
        self.hours = whole_hours()
        self.values = curve(self.hours)
        self.integral = integral(curve)
        self._scale = np.maximum(self.values, VANISHED * float(self.values.max())) * TOLERANCE

    def lines(self, begin: Ints, end: Ints) -> tuple[Floats, Floats]:
        """The straight lines with the mean and the rise of the curve between places, never below 0: start values, and
        slopes.
        """
        width = self.hours[end] - self.hours[begin]
        mean = (self.integral[end] - self.integral[begin]) / width
        slope = (self.values[end] - self.values[begin]) / width
        most = 2.0 * mean / width
        slope = np.clip(slope, -most, most)
        return np.maximum(mean - slope * width * 0.5, 0.0), slope

    def _fits(self, begin: int, end: int) -> bool:
        """Whether the line between two places is within the tolerance."""
        value, slope = self.lines(np.array([begin]), np.array([end]))
        ages = self.hours[begin : end + 1] - self.hours[begin]
        apart = np.abs(self.values[begin : end + 1] - (value + slope * ages))
        return bool((apart <= self._scale[begin : end + 1]).all())

    def reach(self, begin: int) -> int:
        """The furthest place for which a line from here is within the tolerance; at least the next place."""
        last = len(self.hours) - 1
        step = 1
        while begin + 2 * step <= last and self._fits(begin, begin + 2 * step):
            step *= 2
        low, high = begin + step, min(begin + 2 * step, last + 1)
        if high == last + 1 and self._fits(begin, last):
            return last
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self._fits(begin, middle) else (low, middle)
        return low


def integral(curve: Callable[[Floats], Floats]) -> Floats:
    """The integral of a curve (of hours) up to each whole hour, by Gauss-Legendre quadrature."""
    early = np.concatenate(([0.0], np.array([0.5**k for k in range(_HALVINGS, -1, -1)])))
    first = float(_areas(curve, early)[-1])
    return np.concatenate(([0.0], first + _areas(curve, whole_hours()[1:])))


def _areas(curve: Callable[[Floats], Floats], edges: Floats) -> Floats:
    """The integral from the first edge to each edge, shape (edges,)."""
    width = np.diff(edges)
    low, middle, high = (curve(edges[:-1] + width * node) for node in _NODES)
    area = (low * 5.0 + middle * 8.0 + high * 5.0) * width * (1.0 / 18.0)
    return np.concatenate(([0.0], np.cumsum(area)))


@lru_cache(1)
def whole_hours() -> Floats:
    """Whole hours up to the horizon: every hour at first, then steps of about a thousandth of the age."""
    hours, hour = [0], 1
    while hour <= HORIZON:
        hours.append(hour)
        hour += max(1, hour // _FINE)
    grid = np.array(hours, np.float64)
    grid.setflags(write=False)
    return grid
