"""Adoption within communities: the hazard of each member grows with the share of the others who have adopted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.columnar.ragged import positions
from datagen.declarations.processes import CommunityExposure
from datagen.errors import ValueFault
from datagen.point_process.trajectory import OPEN
from datagen.time_units import HOUR

MOST_MEMBERS = 2_000
"""Members of one community: each event of it looks at all of them."""
_REBUILT = 8
"""Steps after which communities without further events are left out."""


@dataclass(frozen=True, slots=True, eq=False)
class CommunityHazard:
    """The hazard p + q times the share of the members present who have adopted, per hour, from `launch` (microseconds)
    on.
    """

    p: float
    q: float
    launch: int

    def exposure(self, community: Ints, entered: Ints, left: Ints, end: int) -> CommunityExposure:
        """What n members in these communities were exposed to from when they came to when they left: an adoption if
        before `end`.
        """
        n = len(community)
        times = np.concatenate([entered, left])
        owner = np.tile(community, 2)
        adopts = np.concatenate([np.zeros(n, np.int64), (left < end).astype(np.int64)])
        order = np.lexsort((times, owner))
        times, owner = np.maximum(times[order], self.launch), owner[order]
        first = np.append(True, owner[1:] != owner[:-1])[: len(owner)]
        adopted = _within(adopts[order], first)
        share = adopted / np.maximum(_within((order < n).astype(np.int64), first), 1)
        earlier = np.where(first, 0.0, np.append(0.0, share)[:-1])
        hours: Floats = np.where(first, 0, np.diff(times, prepend=times[:1])) / HOUR
        reached, risen, before = np.empty(2 * n), np.empty(2 * n), np.empty(2 * n)
        reached[order], risen[order] = _within(hours, first), _within(hours * earlier, first)
        before[order] = earlier
        return CommunityExposure(reached[n:] - reached[:n], risen[n:] - risen[:n], before[n:])


def _within(each: Floats | Ints, first: np.ndarray) -> Floats:
    """Sums from the beginning of each run on, which `first` marks, shape (n,)."""
    total: Floats = np.cumsum(each.astype(np.float64))
    begin = np.flatnonzero(first)
    before = (total - each)[begin]
    found: Floats = total - np.repeat(before, np.diff(np.append(begin, len(total))))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Communities:
    """m members: their community (the position of the parent, ascending), birth (microseconds) and threshold of the
    hazard accumulated since they came, shape (m,) each.
    """

    community: Ints
    born: Ints
    threshold: Floats

    def adoptions(self, spread: CommunityHazard, end: int) -> tuple[Ints, Floats]:
        """When each member adopts (microseconds; OPEN where it does not before `end`), and at which hazard per hour of
        its community.

        Events of all communities are taken one after the other, in each of them: the next birth or adoption.
        """
        sizes = np.bincount(self.community).astype(np.int64) if len(self.community) else np.zeros(0, np.int64)
        if sizes.max(initial=0) > MOST_MEMBERS:
            raise ValueFault(f"a community has {sizes.max():,} members, more than {MOST_MEMBERS:,}; make them smaller")
        run = _Run(self, spread, sizes, (end - spread.launch) / HOUR)
        step = 0
        while run.live.any():
            if step % _REBUILT == 0:
                run.rebuild()
            run.step()
            step += 1
        times = np.minimum(np.rint(run.adopted * HOUR), 2.0**60)
        left = np.where(np.isfinite(run.adopted), times, 0.0).astype(np.int64) + spread.launch
        there = np.isfinite(run.adopted) & (left < end)
        return np.where(there, np.maximum(left, self.born), OPEN), run.hazard


class _Run:
    """The communities in time, in hours since the launch."""

    def __init__(self, members: Communities, spread: CommunityHazard, sizes: Ints, horizon: float) -> None:
        size = len(members.born)
        self.spread, self.horizon, self.threshold = spread, horizon, members.threshold
        self.birth = np.maximum(members.born - spread.launch, 0) / HOUR
        self.order = np.lexsort((self.birth, members.community))
        self.starts, self.sizes = np.cumsum(sizes) - sizes, sizes
        self.adopted, self.hazard = np.full(size, np.inf), np.full(size, spread.p)
        self.level = np.full(size, np.inf)
        self.time, self.reached = np.zeros(len(sizes)), np.zeros(len(sizes))
        self.present, self.adopters = np.zeros(len(sizes), np.int64), np.zeros(len(sizes), np.int64)
        self.live = sizes > 0

    def rebuild(self) -> None:
        """The communities with further events, and the positions of their members."""
        self.some = np.flatnonzero(self.live)
        self.at = positions(self.starts[self.some], self.sizes[self.some])
        self.first = np.cumsum(self.sizes[self.some]) - self.sizes[self.some]

    def step(self) -> None:
        """The next event of each community."""
        some = self.some
        level = self.level[self.at]
        least = np.minimum.reduceat(level, self.first) if len(some) else np.zeros(0)
        rate = self.spread.p + self.spread.q * self.adopters[some] / np.maximum(self.present[some], 1)
        adoption = self.time[some] + (least - self.reached[some]) / rate
        waiting = self.present[some] < self.sizes[some]
        place = self.starts[some] + np.minimum(self.present[some], self.sizes[some] - 1)
        birth = np.where(waiting, self.birth[self.order[place]], np.inf)
        now = np.minimum(adoption, birth)
        on = now < self.horizon
        self.live[some[~on]] = False
        self._born(some, on & (birth <= adoption), place, now, rate)
        self._adopt(some, on & (birth > adoption), level, (least, now, rate))

    def _born(self, some: Ints, which: np.ndarray, place: Ints, now: Floats, rate: Floats) -> None:
        own, member = some[which], self.order[place[which]]
        self.reached[own] += rate[which] * (now[which] - self.time[own])
        self.time[own] = now[which]
        self.level[member] = self.reached[own] + self.threshold[member]
        self.present[own] += 1

    def _adopt(self, some: Ints, which: np.ndarray, level: Floats, event: tuple[Floats, Floats, Floats]) -> None:
        least, now, rate = event
        hit = np.flatnonzero(level == np.repeat(least, self.sizes[some]))
        owner = np.searchsorted(self.first, hit, side="right") - 1
        single = np.flatnonzero(np.diff(owner, prepend=-1) > 0)
        hit, owner = hit[single], owner[single]
        hit, owner = hit[which[owner]], owner[which[owner]]
        member, own = self.at[hit], some[owner]
        self.adopted[member], self.hazard[member] = now[owner], rate[owner]
        self.level[member] = np.inf
        self.reached[own], self.time[own] = least[owner], now[owner]
        self.adopters[own] += 1
