"""The hours that calendars are tabulated on: from before the first arrival to beyond the window's end."""

from __future__ import annotations

from datagen.checks.house import House
from datagen.intensity.effects import Grid
from datagen.intensity.poisson import PERIOD_HOURS, period_begin, periods
from datagen.quantities import DAY, HOUR


def grid_of(house: House) -> Grid:
    """The grid of a document. Its start never depends on the window's end, nor does any hour that two windows share."""
    window = house.document.window
    if window is None:
        return Grid(0, 1)
    history = max((getattr(table.rows, "history", 0) for table in house.tables.values()), default=0)
    start = (window.start - history) // DAY * DAY // HOUR
    longest = PERIOD_HOURS[0]
    end = period_begin(periods(window.start, window.end, longest).stop, longest) // HOUR
    return Grid(start, end - start)
