"""First passage by time change: when the integral of a rate over ages and calendars reaches a given amount."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.point_process.effects import Aging, Alive, Calendar
from datagen.point_process.exposure import cells, whole
from datagen.point_process.rate import Rate
from datagen.time_units import HOUR

NEVER_REACHED = 2**61
"""The time of what is not reached within the grid, microseconds."""


def timed(rate: Rate) -> bool:
    """Whether the multiplier of one entity changes with time."""
    return any(isinstance(effect, Calendar | Aging | Alive) for _, effect in rate.effects)


def reached(rate: Rate, rows: Rows, since: Ints, amounts: Floats) -> Ints:
    """When the integral of the timed multipliers of each row from `since` (microseconds, shape (n,)) on reaches
    `amounts` (hours at a multiplier of 1, shape (n,)), int64 microseconds; `NEVER_REACHED` beyond the grid.

    Static multipliers and treatments are left to the caller.
    """
    grid, group, spells = rate.grid, rate.group(rows), rate.spells(rows)
    found = np.full(len(amounts), NEVER_REACHED, np.int64)
    horizon = np.full(len(amounts), (grid.start + grid.hours) * HOUR, np.int64)
    exposed = [(since, horizon)]
    if spells is not None:
        exposed = [(np.maximum(begin, since), np.minimum(end, horizon)) for begin, end in spells]
    for code, clock in enumerate(rate.clocks):
        at = np.arange(len(amounts)) if group is None else np.flatnonzero(group == code)
        if not len(at):
            continue
        some = [(begin[at], end[at]) for begin, end in exposed]
        stretch = whole(cells(clock, some, rate.agings(rows.take(at))))
        if stretch is None:
            continue
        hit = np.flatnonzero(amounts[at] < stretch.total)
        times = clock.inverse(stretch.locate(amounts[at][hit], hit, clock))
        found[at[hit]] = np.maximum(times, since[at[hit]])
    return found
