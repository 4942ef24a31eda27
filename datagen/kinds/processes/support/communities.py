"""Adoption within communities: the hazard of each member grows with the share of the others who have adopted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.declarations.processes import CommunityExposure
from datagen.errors import ValueFault
from datagen.point_process.expected_counts import Cell
from datagen.point_process.thinning import Multipliers
from datagen.point_process.trajectory import OPEN
from datagen.random.distributions import exponential
from datagen.random.streams import Stream, child_identities
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

    def exposure(self, community: Ints, stay: tuple[Ints, Ints], parts: Sequence[Cell], end: int) -> CommunityExposure:
        """What n members in these communities were exposed to in the `parts` of their stay, which begin and end at
        times of each member and weigh its multiplier. They come at the first time of the stay and leave at the second:
        by an adoption if before `end`.
        """
        n, (_, left) = len(community), stay
        cuts = [time for low, high, _ in parts for time in (low, high)]
        times, owner = np.concatenate([*stay, *cuts]), np.tile(community, 2 + len(cuts))
        adopts = np.zeros(len(times), np.int64)
        adopts[n : 2 * n] = left < end
        order = np.lexsort((times, owner))
        times, owner = np.maximum(times[order], self.launch), owner[order]
        first = np.append(True, owner[1:] != owner[:-1])[: len(owner)]
        adopted = _within(adopts[order], first)
        share = adopted / np.maximum(_within((order < n).astype(np.int64), first), 1)
        earlier = np.where(first, 0.0, np.append(0.0, share)[:-1])
        hours: Floats = np.where(first, 0, np.diff(times, prepend=times[:1])) / HOUR
        found = np.empty((3, len(times)))
        found[:, order] = _within(hours, first), _within(hours * earlier, first), earlier
        reached, risen, before = found.reshape(3, 2 + len(cuts), n)
        at_risk = [
            sum((each[3 + 2 * k] - each[2 + 2 * k]) * part[2] for k, part in enumerate(parts))
            for each in (reached, risen)
        ]
        return CommunityExposure(np.zeros(n) + at_risk[0], np.zeros(n) + at_risk[1], before[1])


def _within(each: Floats | Ints, first: np.ndarray) -> Floats:
    """Sums from the beginning of each run on, which `first` marks, shape (n,)."""
    total: Floats = np.cumsum(each.astype(np.float64))
    begin = np.flatnonzero(first)
    before = (total - each)[begin]
    found: Floats = total - np.repeat(before, np.diff(np.append(begin, len(total))))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """What decides on the candidates of members, addressed by member and number, shape (k,) each."""

    ids: Words
    stream: Stream
    static: Floats

    def thresholds(self, member: Ints, number: Ints) -> Floats:
        """The hazard that the community accumulates until the next candidate."""
        words = self.stream.words(child_identities(self.ids[member], number))
        with np.errstate(divide="ignore"):
            found: Floats = exponential(1.0).at(words) / self.static[member]
        return found

    def uniforms(self, member: Ints, number: Ints) -> Floats:
        return self.stream.substream(1).uniforms(child_identities(self.ids[member], number))


@dataclass(frozen=True, slots=True, eq=False)
class Communities:
    """m members: their community (the position of the parent, ascending), birth (microseconds) and threshold of the
    hazard accumulated since they came, shape (m,) each; `treated` multiplies the hazard within spans of time, and
    `again` draws further thresholds where it wears off.
    """

    community: Ints
    born: Ints
    threshold: Floats
    treated: Multipliers | None = None
    again: Draws | None = None

    def changes(self, launch: int) -> tuple[Ints, Ints]:
        """The members whose multiplier changes after they came, and when (microseconds), shape (k,) each."""
        members, times = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        spans = () if self.treated is None else zip(self.treated.factors, self.treated.spans, strict=True)
        for factor, (begin, end) in spans:
            for bound in (begin, end):
                at = np.flatnonzero((factor != 1.0) & (begin < end) & (bound > np.maximum(self.born, launch)))
                members.append(at)
                times.append(bound[at])
        return np.concatenate(members), np.concatenate(times)

    def adoptions(self, spread: CommunityHazard, end: int) -> tuple[Ints, Floats]:
        """When each member adopts (microseconds; OPEN where it does not before `end`), and at which hazard per hour of
        its community.

        Events of all communities are taken one after the other, in each of them: the next birth, change of a multiplier
        or adoption.
        """
        sizes = np.bincount(self.community).astype(np.int64) if len(self.community) else np.zeros(0, np.int64)
        if sizes.max(initial=0) > MOST_MEMBERS:
            raise ValueFault(f"a community has {sizes.max():,} members, more than {MOST_MEMBERS:,}; make them smaller")
        kind = _Run if self.again is None else _ThinnedRun
        run = kind(self, spread, sizes, (end - spread.launch) / HOUR)
        run.launch()
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
        changing, times = members.changes(spread.launch)
        self.member = np.concatenate([np.arange(size), changing])
        self.moment = np.concatenate([np.maximum(members.born, spread.launch), times])
        self.spread, self.horizon, self.treated = spread, horizon, members.treated
        self.happens = (self.moment - spread.launch) / HOUR
        owner = members.community[self.member]
        self.order = np.lexsort((self.happens, owner))
        self.events = np.bincount(owner, minlength=len(sizes)).astype(np.int64)
        self.community, self.news = members.community, np.cumsum(self.events) - self.events
        self.adopted, self.hazard = np.full(size, np.inf), np.full(size, spread.p)
        self.level, self.rest = np.full(size, np.inf), members.threshold.copy()
        self.since, self.factor = np.zeros(size), np.zeros(size)
        self.time, self.reached = np.zeros(len(sizes)), np.zeros(len(sizes))
        self.present, self.adopters, self.passed = (np.zeros(len(sizes), np.int64) for _ in range(3))
        self.live = sizes > 0

    def launch(self) -> None:
        """Members who are there at the launch come at once: no multiplier changes until then."""
        there = np.flatnonzero(self.happens <= 0.0)
        come = np.bincount(self.community[there], minlength=len(self.live)).astype(np.int64)
        self.passed, self.present = come, come.copy()
        self._begin(there, np.zeros(len(there)), self.moment[there])

    def rebuild(self) -> None:
        """The communities with further events, and the positions of their members who have not adopted."""
        self.at = np.flatnonzero(np.isinf(self.adopted) & self.live[self.community])
        left = np.bincount(self.community[self.at], minlength=len(self.live)).astype(np.int64)
        self.live &= left > 0
        self.some = np.flatnonzero(self.live)
        self.left = left[self.some]
        self.first = np.cumsum(self.left) - self.left

    def step(self) -> None:
        """The next event of each community."""
        some = self.some
        level = self.level[self.at]
        least = np.minimum.reduceat(level, self.first) if len(some) else np.zeros(0)
        rate = self.spread.p + self.spread.q * self.adopters[some] / np.maximum(self.present[some], 1)
        adoption = self.time[some] + (least - self.reached[some]) / rate
        waiting = self.passed[some] < self.events[some]
        event = self.order[self.news[some] + np.minimum(self.passed[some], self.events[some] - 1)]
        news = np.where(waiting, self.happens[event], np.inf)
        now = np.minimum(adoption, news)
        on = now < self.horizon
        self.live[some[~on]] = False
        self._change(some, on & (news <= adoption), event, now, rate)
        self._adopt(some, on & (news > adoption), level, (least, now, rate))

    def _change(self, some: Ints, which: np.ndarray, event: Ints, now: Floats, rate: Floats) -> None:
        """Members come, or are multiplied otherwise from now on: the rest of their threshold is reached at a new level
        of the community's hazard.
        """
        own, event = some[which], event[which]
        self.reached[own] += rate[which] * (now[which] - self.time[own])
        self.time[own] = now[which]
        self.passed[own] += 1
        self.present[own] += event < len(self.level)
        waits = np.isinf(self.adopted[self.member[event]])
        member, level = self.member[event[waits]], self.reached[own[waits]]
        self._begin(member, level, self.moment[event[waits]])

    def _begin(self, member: Ints, level: Floats, moment: Ints) -> None:
        """The level at which members adopt whose multiplier is another one from a moment on."""
        if self.treated is None:
            self.level[member] = level + self.rest[member]
            return
        self.rest[member] = np.maximum(self.rest[member] - self.factor[member] * (level - self.since[member]), 0.0)
        self.since[member], self.factor[member] = level, self.treated.at(member, moment)
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.where(self.factor[member] > 0.0, self.rest[member] / self.factor[member], np.inf)
        self.level[member] = level + left

    def _adopt(self, some: Ints, which: np.ndarray, level: Floats, event: tuple[Floats, Floats, Floats]) -> None:
        least, now, rate = event
        hit = np.flatnonzero(level == np.repeat(least, self.left))
        owner = np.searchsorted(self.first, hit, side="right") - 1
        single = np.flatnonzero(np.diff(owner, prepend=-1) > 0)
        hit, owner = hit[single], owner[single]
        hit, owner = hit[which[owner]], owner[which[owner]]
        member, own = self.at[hit], some[owner]
        self.reached[own], self.time[own] = least[owner], now[owner]
        kept = self._kept(member, least[owner], now[owner])
        member, own, owner = member[kept], own[kept], owner[kept]
        self.adopted[member], self.hazard[member] = now[owner], rate[owner]
        self.level[member] = np.inf
        self.adopters[own] += 1

    def _kept(self, member: Ints, level: Floats, now: Floats) -> Ints:
        """The positions of those whose threshold is that of an adoption, when the hazard of their community has
        reached a level.
        """
        return np.arange(len(member))


class _ThinnedRun(_Run):
    """The same where multipliers wear off, by thinning: candidates come at a bound of the hazard.

    Each member has two processes of candidates: one at the hazard without multipliers, of which those below 1 keep a
    part, and one at what multipliers can add, of which they keep what they do add.
    """

    def __init__(self, members: Communities, spread: CommunityHazard, sizes: Ints, horizon: float) -> None:
        super().__init__(members, spread, sizes, horizon)
        assert members.again is not None and members.treated is not None
        everyone = np.arange(len(members.born))
        self.again, self.multiplied = members.again, members.treated
        self.drawn = np.zeros((2, len(everyone)), np.int64)
        self.drawn[1] = 1
        self.waits = np.stack([members.threshold, self.again.thresholds(everyone, self.drawn[1])])
        self.speed = np.zeros((2, len(everyone)))
        self.levels = np.full((2, len(everyone)), np.inf)

    def _begin(self, member: Ints, level: Floats, moment: Ints) -> None:
        self._advance(member, level)
        self.speed[0, member] = 1.0
        self.speed[1, member] = np.maximum(self.multiplied.bound(member, moment) - 1.0, 0.0)
        self._expect(member, level)

    def _advance(self, member: Ints, level: Floats) -> None:
        """What is left of the thresholds when the hazard of the community has reached a level."""
        passed = self.speed[:, member] * (level - self.since[member])
        self.waits[:, member] = np.maximum(self.waits[:, member] - passed, 0.0)
        self.since[member] = level

    def _expect(self, member: Ints, level: Floats) -> None:
        with np.errstate(divide="ignore", invalid="ignore"):
            left = np.where(self.speed[:, member] > 0.0, self.waits[:, member] / self.speed[:, member], np.inf)
        self.levels[:, member] = level + left
        self.level[member] = self.levels[:, member].min(axis=0)

    def _kept(self, member: Ints, level: Floats, now: Floats) -> Ints:
        which = self.levels[:, member].argmin(axis=0)
        times = np.rint(now * HOUR).astype(np.int64) + self.spread.launch
        multiplier, number = self.multiplied.at(member, times), self.drawn[which, member]
        added = np.maximum(multiplier - 1.0, 0.0)
        uniform = self.again.uniforms(member, number)
        kept = np.where(which == 0, uniform < multiplier, uniform * self.speed[1, member] < added)
        on, again = member[~kept], which[~kept]
        self._advance(on, level[~kept])
        self.drawn[again, on] += 2
        self.waits[again, on] = self.again.thresholds(on, self.drawn[again, on])
        self._expect(on, level[~kept])
        return np.flatnonzero(kept)
