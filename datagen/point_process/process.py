"""The interface of an event process: from the exposure of parents to their events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Protocol

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.columnar.ragged import ordinals, positions
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.exposure import Cell, Stretch, whole


@dataclass(frozen=True, eq=False)
class ProcessInput:
    """n parents: identities (n,), base rate per hour (n,), cells of operational time, and the most events of each."""

    ids: Words
    base: Floats
    cells: tuple[Cell, ...]
    quota: Ints | None = None

    @cached_property
    def whole(self) -> Stretch | None:
        """All cells as one stretch, if they have slopes."""
        return whole(self.cells) if any(cell.line is not None for cell in self.cells) else None


@dataclass(slots=True, eq=False)
class Events:
    """m events of n parents, in the order of parent and time: `counts` (n,), `ids` and `times` (m,), times in
    microseconds.

    Times may be given as a function, which is called when they are first read: counting rows does not need them.
    `causes` (m,) are the identities of the events that triggered them, 0 for none; None if no event triggers others.
    """

    counts: Ints
    ids: Words
    moments: Ints | Callable[[], Ints]
    causes: Words | None = None

    @property
    def times(self) -> Ints:
        if callable(self.moments):
            self.moments = self.moments()
        return self.moments

    def placed(self) -> Events:
        """The same events, whose times are not a function that holds what they are made of."""
        return replace(self, moments=self.times)


class Process(Protocol):
    """The events of one table on one clock, from `start` to `end` (microseconds since 1970)."""

    @property
    def clock(self) -> CumulativeIntensity: ...

    @property
    def start(self) -> int: ...

    @property
    def end(self) -> int: ...

    @property
    def horizon(self) -> int:
        """The limit of exposure: at or beyond the window's end."""

    def counts(self, exposed: ProcessInput) -> Ints:
        """Events per parent before the window's end, shape (n,)."""

    def events(self, exposed: ProcessInput) -> Events:
        """All events before the window's end, in the order of parent and time."""


def gathered(parts: list[Events], parents: int) -> Events:
    """The events of successive periods, in the order of parent and then period."""
    if len(parts) == 1:
        return parts[0]
    counts = np.zeros(parents, np.int64)
    for part in parts:
        counts += part.counts
    ids, places = np.empty(int(counts.sum()), np.uint64), list[Ints]()
    causes = np.zeros(len(ids), np.uint64) if any(part.causes is not None for part in parts) else None
    start = np.cumsum(counts) - counts
    for part in parts:
        places.append(positions(start, part.counts))
        ids[places[-1]] = part.ids
        if causes is not None and part.causes is not None:
            causes[places[-1]] = part.causes
        start = start + part.counts
    return Events(counts, ids, partial(_gathered_times, parts, places), causes)


def _gathered_times(parts: list[Events], places: list[Ints]) -> Ints:
    times = np.empty(sum(map(len, places)), np.int64)
    for part, to in zip(parts, places, strict=True):
        times[to] = part.times
    return times


def within_quota(events: Events, quota: Ints | None) -> Events:
    """The first events of each parent, at most its quota."""
    if quota is None or bool((events.counts <= quota).all()):
        return events
    rank = ordinals(events.counts)
    kept = rank < np.repeat(quota, events.counts)
    causes = None if events.causes is None else events.causes[kept]
    return Events(np.minimum(events.counts, quota), events.ids[kept], lambda: events.times[kept], causes)
