"""Renewal arrivals by time change: points of a unit-rate process are mapped through the cumulative intensity.

Time change (Çinlar 1975, "Introduction to Stochastic Processes", section 4.7): if C is a cumulative intensity and s_0 <
s_1 < ... are the points of a Poisson process of rate 1, the points of the inverse of C at s_n are a Poisson process of
intensity C'. Given their number N, the points s_n / s_N are the order statistics of N uniforms, so a given number is a
matter of scale alone.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from datagen.columnar.block import Bools, Ints
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.unit_rate import UnitRate

_ROUNDING = 2.0**-44
"""An upper bound of the rounding difference between both directions of the clock, relative to the largest number in
them.
"""


@dataclass(frozen=True, eq=False)
class TimeChange:
    """`count` rows that arrive within `[begin, end)` (microseconds): row n is the point `first + n` of `unit`.

    A point that comes at s lies where the clock reaches `base + (s - origin) * per_unit`.
    """

    unit: UnitRate
    clock: CumulativeIntensity
    begin: int
    end: int
    first: int
    count: int
    base: float
    origin: float
    per_unit: float

    @classmethod
    def of_count(
        cls, unit: UnitRate, clock: CumulativeIntensity, span: tuple[int, int], first: int, count: int
    ) -> TimeChange:
        """Exactly `count` rows within a span of time; the first is point `first`."""
        base, mass = _gained(clock, span)
        ends = unit.times(np.array([max(first - 1, 0), first + count]))
        origin = float(ends[0]) if first else 0.0
        return cls(unit, clock, *span, first, count, base, origin, mass / (float(ends[1]) - origin))

    @classmethod
    def of_rate(cls, unit: UnitRate, clock: CumulativeIntensity, span: tuple[int, int], per_mass: float) -> TimeChange:
        """A random number of rows within a span, `per_mass` on average for each unit of the clock."""
        base, _ = _gained(clock, span)
        endless = cls(unit, clock, *span, 0, 1 << 43, base, 0.0, 1.0 / per_mass)
        return replace(endless, count=int(endless._reached(np.array([span[1] - 1]))[0]))

    def moments(self, index: Ints) -> Ints:
        """The arrival times of rows, int64 microseconds, shape (n,): non-decreasing."""
        return np.clip(self._placed(index), self.begin, self.end - 1)

    def by(self, times: Ints) -> Ints:
        """The number of rows that arrived by each time, including that microsecond, shape (n,)."""
        inside = np.clip(times, self.begin, self.end)
        count = np.where(inside >= self.end - 1, self.count, self._reached(inside))
        return np.where(times < self.begin, 0, count)

    def _reached(self, times: Ints) -> Ints:
        """The same for times within the span: by the clock, and by the rows' own times if rounding could decide."""
        target = (self.clock.at(times + 1) - self.base) / self.per_unit + self.origin
        slack = _ROUNDING * (self.origin + float(self.clock.cumulative[-1]) / self.per_unit)
        count, following = self.unit.counted(target - slack)
        low = np.clip(count - self.first, 0, self.count)
        doubtful = np.flatnonzero(following <= target + slack)
        if len(doubtful):
            high = np.clip(self.unit.counted(target[doubtful] + slack)[0] - self.first, 0, self.count)
            low[doubtful] = self._searched(times[doubtful], low[doubtful], high)
        return low

    def _placed(self, index: Ints) -> Ints:
        values = self.unit.times(index + self.first)
        values -= self.origin
        values *= self.per_unit
        values += self.base
        return self.clock.inverse(values)

    def _searched(self, times: Ints, low: Ints, high: Ints) -> Ints:
        """The same between bounds, by bisection of the rows' own times."""
        while (open_ := low < high).any():
            middle = (low + high) >> 1
            there = open_ & self._arrived(middle, times, open_)
            low = np.where(there, middle + 1, low)
            high = np.where(open_ & ~there, middle, high)
        return low

    def _arrived(self, index: Ints, times: Ints, mask: Bools) -> Bools:
        found = np.zeros(len(index), np.bool_)
        found[mask] = self._placed(index[mask]) <= times[mask]
        return found


def _gained(clock: CumulativeIntensity, span: tuple[int, int]) -> tuple[float, float]:
    """The value of a clock at the start of a span, and its increase until the end."""
    begin, end = clock.at(np.array(span)).tolist()
    return begin, end - begin
