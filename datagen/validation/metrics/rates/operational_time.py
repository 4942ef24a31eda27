"""The events of each parent in order, and their gaps in operational time."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Block, Floats, Ints
from datagen.point_process.expected_counts import Exposure, multiplied

Owned = tuple[Ints, Ints]
"""The position of each event's parent, and its time (microseconds)."""


def events_by_parent(block: Block, at: Ints | None, cause: str | None = None) -> Owned:
    """The events of the parents at these positions (None: of all), in parent order; of a table with triggered rows,
    those without a value in the column `cause`. Raises Absent if it is not there.
    """
    assert block.parent is not None and block.parent_row is not None
    times, owner = block.attributes["event_time"].data, block.parent_row
    if cause is not None and (caused := block.columns[cause].valid) is not None:
        times, owner = times[~caused], owner[~caused]
    elif cause is not None:
        times, owner = times[:0], owner[:0]
    if at is None:
        return owner, times
    place = np.full(len(block.parent), -1, np.int64)
    place[at] = np.arange(len(at))
    found = place[owner]
    return found[found >= 0], times[found >= 0]


def in_order(events: Owned) -> Owned:
    """The same in the order of parent and time."""
    owner, times = events
    if bool((np.diff(owner) < 0).any()) or bool(((np.diff(times) < 0) & (np.diff(owner) == 0)).any()):
        order = np.lexsort((times, owner))
        return owner[order], times[order]
    return events


def gaps(exposure: Exposure, events: Owned) -> Floats:
    """From each event (in order) to the next one, hours at a multiplier of 1, shape (events - 1,).

    Calendar and age are the planted ones, with the age at the middle of the gap. Numbers between parents are
    meaningless.
    """
    owner, times = events
    middle, own = (times[1:] + times[:-1]) // 2, owner[1:]
    ageing = [curve.of(own) for curve in exposure.multipliers(exposure.agings())]
    found: Floats = np.diff(exposure.clock(times, owner)) * multiplied(ageing, middle)
    return found
