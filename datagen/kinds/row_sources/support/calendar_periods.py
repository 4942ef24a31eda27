"""Boundaries of calendar periods from an anchor. The anchor's day is clipped to the end of each month, and kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Ints
from datagen.time_units import DAY, WEEK

MONTHS = {"month": 1, "quarter": 3, "year": 12}
FIXED = {"day": DAY, "week": WEEK}


@dataclass(frozen=True, slots=True, eq=False)
class Boundaries:
    """For n anchors, instants (int64 microseconds) one period apart; boundary 0 is the anchor itself.

    Boundary k of months is k x `months` after the anchor's month, on the anchor's day or the last day of a shorter
    month, at the anchor's time of day. Boundaries of weeks and days are equidistant.
    `every` may be the months of a period of each anchor, shape (n,).
    """

    anchor: Ints
    every: str | Ints

    def _months(self, at: Ints | slice) -> Ints | int:
        """The months of a period of these anchors."""
        return MONTHS[self.every] if isinstance(self.every, str) else self.every[at]

    def of(self, anchors: Ints) -> Boundaries:
        """The boundaries of the anchors at these positions."""
        return Boundaries(self.anchor[anchors], self.every if isinstance(self.every, str) else self.every[anchors])

    def _split(self, at: Ints | slice) -> tuple[Ints, Ints, Ints]:
        """The month (since 1970), the day in it (from 0) and the time of day of the anchors."""
        anchor = self.anchor[at]
        days = anchor // DAY
        dates = days.astype("datetime64[D]")
        months = dates.astype("datetime64[M]")
        within = (dates - months.astype("datetime64[D]")).astype(np.int64)
        return months.astype(np.int64), within, anchor - days * DAY

    def at(self, owner: Ints, number: Ints) -> Ints:
        """Boundary `number` of anchor `owner`, shape (m,)."""
        if isinstance(self.every, str) and self.every in FIXED:
            moved: Ints = self.anchor[owner] + number * FIXED[self.every]
            return moved
        months, day, time = self._split(owner)
        month = (months + number * self._months(owner)).astype("datetime64[M]")
        first = month.astype("datetime64[D]").astype(np.int64)
        length = (month + 1).astype("datetime64[D]").astype(np.int64) - first
        placed: Ints = (first + np.minimum(day, length - 1)) * DAY + time
        return placed

    def before(self, limits: Ints) -> Ints:
        """The number of the first boundary that is not before the limit of each anchor, shape (n,)."""
        if isinstance(self.every, str) and self.every in FIXED:
            count: Ints = -((self.anchor - limits) // FIXED[self.every])
            return count
        months = self._split(slice(None))[0]
        limit = (limits // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        number = (limit - months) // self._months(slice(None))
        late = self.at(np.arange(len(limits)), number) < limits
        return number + late
