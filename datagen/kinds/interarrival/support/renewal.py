"""Renewal processes in the operational time of each parent.

Operational time is the cumulative rate: calendar, ages, lifetime and base rate. In it, events have rate 1, so that a
distribution of gaps of mean 1 keeps the declared mean in every hour (time rescaling: Brown et al., 2002, "The
time-rescaling theorem and its application to neural spike train data analysis").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.exposure import Stretch, whole
from datagen.point_process.process import ProcessInput
from datagen.random.streams import affordable, child_identities

Gap = Callable[[Words], Floats]
"""Gaps of mean 1 from the identities of the events that end them."""

_FIRST_WIDTH = 4
_MOST_CELLS = 1 << 19


@dataclass(frozen=True, slots=True, eq=False)
class EventSequence:
    """Events in the order of parent and place: `counts` (n,) per parent; `owner` (the parent's position), `ids`,
    `place` (m,).

    `place` is operational time since the parent's exposure began: hours at a multiplier of 1. `causes` (m,) are the
    identities of the events that triggered them, 0 for none; None if no event triggers others.
    """

    counts: Ints
    owner: Ints
    ids: Words
    place: Floats
    causes: Words | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Renewal:
    """A distribution of gaps; `first` is the distribution from the start of exposure to the first event."""

    first: Gap
    gap: Gap

    def trails(self, ids: Words, rate: Floats, total: Floats) -> Iterator[EventSequence]:
        """Every event of n parents with these rates per unit of operational time and totals of it, shape (n,) each.

        Each trail has the next few events of each parent that has any left. Their number per trail changes no event.
        """
        expected = rate * total
        affordable(float(expected.max(initial=0.0)))
        active = np.flatnonzero(expected > 0)
        place, rank, width = np.zeros(len(active)), 0, _FIRST_WIDTH
        while len(active):
            width = max(1, min(width, _MOST_CELLS // len(active)))
            keys = child_identities(np.repeat(ids[active], width), np.tile(np.arange(rank, rank + width), len(active)))
            ends = self._ends(keys, rank == 0, place, rate[active])
            inside = ends < total[active][:, np.newaxis]
            counts = np.zeros(len(ids), np.int64)
            counts[active] = np.count_nonzero(inside, axis=1)
            yield EventSequence(counts, np.repeat(np.arange(len(ids)), counts), keys[inside.ravel()], ends[inside])
            going = inside[:, -1]
            active, place = active[going], ends[going, -1]
            rank, width = rank + width, width * 2

    def _ends(self, keys: Words, begins: bool, place: Floats, rate: Floats) -> Floats:
        """The ends of the next gaps of each parent, shape (parents, width)."""
        gaps = self.gap(keys).reshape(len(rate), -1)
        if begins:
            gaps[:, 0] = self.first(keys[:: gaps.shape[1]])
        gaps /= rate[:, np.newaxis]
        gaps[:, 0] += place
        return np.cumsum(gaps, axis=1)


def exposure(exposed: ProcessInput) -> Stretch | None:
    """The exposure of all parents as one interval; None if there is none."""
    return whole(exposed.cells)


def placed(clock: CumulativeIntensity, stretch: Stretch, trail: EventSequence) -> Ints:
    """The times of the events, int64 microseconds since 1970, shape (m,)."""
    return clock.inverse(stretch.locate(trail.place, trail.owner, clock))
