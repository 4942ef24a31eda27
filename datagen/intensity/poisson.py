"""A non-homogeneous Poisson process for every parent: one count per parent and period, one uniform per event.

Periods are fixed stretches of time since 1970, never the window's end: the counts of a period are drawn for the whole of
it and what falls beyond the window is cut, so that a longer window adds events and changes none. Given its count, the
events of a period are independent, so sorted uniforms give them in the order of time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.block import Bools, Floats, Ints, Words
from datagen.intensity.clock import Clock
from datagen.intensity.exposure import Stretch, within
from datagen.intensity.process import Events, Exposed, gathered, within_quota
from datagen.quantities import HOUR
from datagen.sampling.discrete import poisson
from datagen.streams import Stream, identities, offspring

_ORIGIN = 96  # hours from 1970-01-01, a Thursday, to the first Monday
_BITS = np.uint64(44)
_FRACTION = np.uint64((1 << 44) - 1)
_MOST = 1 << 19
PERIOD_HOURS = (52 * 168, 13 * 168, 4 * 168, 168, 24)


def period_hours(events_per_hour: float) -> int:
    """The longest period in which a parent has about 16 events or fewer, from its base rate alone."""
    return next((h for h in PERIOD_HOURS if h * events_per_hour <= 16), PERIOD_HOURS[-1])


def periods(start: int, end: int, hours: int) -> range:
    """The numbers of the periods that `[start, end)` (microseconds) touches."""
    origin, length = _ORIGIN * HOUR, hours * HOUR
    return range((start - origin) // length, -((origin - end) // length))


def period_begin(number: int, hours: int) -> int:
    """When a period begins, microseconds since 1970."""
    return (_ORIGIN + number * hours) * HOUR


@dataclass(frozen=True, slots=True, eq=False)
class Poisson:
    """The process of one table on one clock; `end` is the window's end, microseconds."""

    clock: Clock
    number: Stream
    moment: Stream
    hours: int
    start: int
    end: int

    @property
    def horizon(self) -> int:
        """The end of the last period that the window touches, microseconds since 1970."""
        return period_begin(periods(self.start, self.end, self.hours).stop, self.hours)

    def counts(self, exposed: Exposed) -> Ints:
        """Events per parent before the window's end, shape (n,)."""
        ids = exposed.ids
        total = np.zeros(len(ids), np.int64)
        for period in periods(self.start, self.end, self.hours):
            drawn = self._drawn(exposed, period)
            if drawn is not None:
                keys, counts, stretch = drawn
                if period_begin(period + 1, self.hours) > self.end:
                    owner, _, uniform = self._uniforms(keys, counts)
                    counts = np.bincount(owner[self._inside(uniform, owner, stretch)], minlength=len(ids))
                total += counts
        return total if exposed.quota is None else np.minimum(total, exposed.quota)

    def events(self, exposed: Exposed) -> Events:
        """All events of n parents, in the order of parent and time."""
        parts = []
        for period in periods(self.start, self.end, self.hours):
            drawn = self._drawn(exposed, period)
            if drawn is not None:
                parts.append(self._placed(*drawn, cut=period_begin(period + 1, self.hours) > self.end))
        return within_quota(gathered(parts, len(exposed.ids)), exposed.quota)

    def _drawn(self, exposed: Exposed, period: int) -> tuple[Words, Ints, Stretch] | None:
        """The identities of the parents' periods, the counts in them, and the exposure; None where there is none."""
        begin, finish = (period_begin(p, self.hours) for p in (period, period + 1))
        bounds = self.clock.at(np.array([begin, finish]))
        stretch = within(exposed.cells, float(bounds[0]), float(bounds[1]))
        if stretch is None:
            return None
        keys = identities(exposed.ids, np.full(len(exposed.ids), period, np.int64))
        return keys, poisson(self.number.words(keys), exposed.base * stretch.total), stretch

    def _uniforms(self, keys: Words, counts: Ints) -> tuple[Ints, Words, Floats]:
        """Parent position, identity and uniform of each event; the uniforms of one parent ascend."""
        owner = np.repeat(np.arange(len(counts)), counts)
        ids = offspring(keys, counts)
        words = self.moment.words(ids)
        words >>= np.uint64(64) - _BITS
        for first in range(0, len(counts), _MOST):  # the parent's position takes the other 20 bits
            part = _span(counts, first, first + _MOST)
            own = words[part]
            own |= (owner[part] - first).astype(np.uint64) << _BITS
            own.sort()
            own &= _FRACTION
        uniform = words.astype(np.float64)
        uniform *= 2.0**-44
        return owner, ids, uniform

    def _inside(self, uniform: Floats, owner: Ints, stretch: Stretch) -> Bools:
        """Which events fall before the window's end."""
        limit = float(self.clock.at(np.array([self.end]))[0])
        cut = np.zeros(len(stretch.total))
        for cell in stretch.cells:
            cut += (np.clip(cell.upper, None, limit) - np.clip(cell.lower, None, limit)) * cell.value
        return uniform * stretch.total.take(owner) < cut.take(owner)

    def _placed(self, keys: Words, counts: Ints, stretch: Stretch, *, cut: bool) -> Events:
        owner, ids, uniform = self._uniforms(keys, counts)
        if cut:
            inside = self._inside(uniform, owner, stretch)
            owner, ids, uniform = owner[inside], ids[inside], uniform[inside]
            counts = np.bincount(owner, minlength=len(counts))
        uniform *= stretch.total.take(owner)
        return Events(counts, ids, self.clock.inverse(stretch.locate(uniform, owner)))


def _span(counts: Ints, first: int, last: int) -> slice:
    """Where the events of parents `first` to `last` lie."""
    return slice(int(counts[:first].sum()), int(counts[:last].sum()))
