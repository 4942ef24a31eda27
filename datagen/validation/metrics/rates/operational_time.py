"""The events of each parent in order, and their gaps in operational time."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Block, Floats, Ints
from datagen.point_process.expected_counts import Exposure, TreatmentCurve, multiplied

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

    Calendar and age are the planted ones, with the age at the middle of the gap; treatments weigh the part of the gap
    that they last. Numbers between parents are meaningless.
    """
    owner, times = events
    middle, own = (times[1:] + times[:-1]) // 2, owner[1:]
    whole = np.diff(exposure.clock(times, owner))
    found = whole * multiplied((curve.of(own) for curve in exposure.agings()), middle)
    for treatment in exposure.treatments:
        found *= 1.0 + _treated(exposure, treatment.of(own), (times[:-1], times[1:]), own) / np.maximum(whole, 1e-12)
    return found


def _treated(exposure: Exposure, treatment: TreatmentCurve, gap: tuple[Ints, Ints], own: Ints) -> Floats:
    """The operational time that a treatment adds to the gaps of the parents at `own`."""
    begin, end = (np.clip(edge, *gap) for edge in treatment.span)
    length = exposure.clock(end, own) - exposure.clock(begin, own)
    added: Floats = length * (treatment.at((begin + end) // 2) - 1.0)
    return added
