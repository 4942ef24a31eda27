"""A calendar's clock: the cumulative multiplier C over the hours of the grid, and its inverse.

C is piecewise linear between whole hours, so both directions are exact up to rounding. Only `+ - * /` and look-ups are
used: the same bits on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.block import Floats, Ints
from datagen.quantities import HOUR

_STEPS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """`cumulative[h]` is C at the start of hour h of the grid, shape (hours + 1,), never decreasing."""

    start: int
    cumulative: Floats
    guide: Ints
    per_cell: float

    @classmethod
    def of(cls, start: int, weights: Floats) -> Clock:
        """The clock of hourly multipliers; `start` is the first hour since 1970."""
        cumulative = np.concatenate(([0.0], np.cumsum(weights)))
        cells = 2 * len(weights)
        total = float(cumulative[-1])
        per_cell = cells / total if total > 0 else 0.0
        floor = (np.arange(cells + 2) - 1e-3) / per_cell if per_cell else np.zeros(cells + 2)
        guide = np.searchsorted(cumulative, floor, side="right") - 1
        return cls(start, cumulative, np.clip(guide, 0, len(weights) - 1), per_cell)

    def at(self, times: Ints) -> Floats:
        """C at times (int64 microseconds since 1970), shape (n,); constant beyond the grid."""
        last = len(self.cumulative) - 2
        since = np.clip(times - self.start * HOUR, 0, (last + 1) * HOUR)
        hour = np.minimum(since // HOUR, last)
        below = self.cumulative.take(hour)
        part = (since - hour * HOUR) * (1.0 / HOUR)
        part *= self.cumulative.take(hour + 1) - below
        part += below
        return part  # type: ignore[no-any-return]

    def inverse(self, values: Floats) -> Ints:
        """The times at which C reaches `values`, int64 microseconds, shape (n,)."""
        hour = self.guide.take((values * self.per_cell).astype(np.int64), mode="clip")
        hour = self._advance(hour, values)
        below = self.cumulative.take(hour)
        width = self.cumulative.take(hour + 1) - below
        part = values - below
        np.divide(part, width, out=part, where=width > 0)
        np.clip(part, 0.0, 1.0, out=part)
        part *= float(HOUR)
        return part.astype(np.int64) + (hour + self.start) * HOUR

    def _advance(self, hour: Ints, values: Floats) -> Ints:
        """From the guide's hour to the last one that does not begin after the value."""
        last = len(self.cumulative) - 2
        for _ in range(_STEPS):
            late = self.cumulative.take(hour + 1) <= values
            late &= hour < last
            if not late.any():
                return hour
            hour = hour + late
        return np.clip(np.searchsorted(self.cumulative, values, side="right") - 1, 0, last)
