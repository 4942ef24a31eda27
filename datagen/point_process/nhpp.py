"""A non-homogeneous Poisson process for every parent: one count per parent and period, one uniform per event.

Periods are fixed stretches of time since 1970, never the window's end: the counts of a period are drawn for the whole of
it and what falls beyond the window is cut, so that a longer window adds events and changes none. Given its count, the
events of a period are independent, so sorted uniforms give them in the order of time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints, Words
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.exposure import Periods, Stretch, within
from datagen.point_process.process import Events, ProcessInput, gathered, within_quota
from datagen.random.discrete import poisson
from datagen.random.streams import Stream, affordable, child_identities, repeat_child_identities
from datagen.time_units import HOUR

_ORIGIN = 96  # hours from 1970-01-01, a Thursday, to the first Monday
_BITS = np.uint64(44)
_FRACTION = np.uint64((1 << 44) - 1)
_MOST = 1 << 19
_AT_ONCE = 1 << 14  # periods of parents
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

    clock: CumulativeIntensity
    number: Stream
    moment: Stream
    hours: int
    start: int
    end: int

    @property
    def horizon(self) -> int:
        """The end of the last period that the window touches, microseconds since 1970."""
        return period_begin(periods(self.start, self.end, self.hours).stop, self.hours)

    def counts(self, exposed: ProcessInput) -> Ints:
        """Events per parent before the window's end, shape (n,)."""
        total = np.zeros(len(exposed.ids), np.int64)
        for group in self._groups(len(total)):
            drawn = self._drawn(exposed, group)
            if drawn is not None:
                keys, counts, stretch = drawn
                if self._cut(group):
                    owner, _, uniform = self._uniforms(keys, counts)
                    counts = np.bincount(owner[self._inside(uniform, owner, stretch)], minlength=len(keys))
                total += counts.reshape(-1, len(group)).sum(axis=1)
        return total if exposed.quota is None else np.minimum(total, exposed.quota)

    def events(self, exposed: ProcessInput) -> Events:
        """All events of n parents, in the order of parent and time."""
        parts = []
        for group in self._groups(len(exposed.ids)):
            drawn = self._drawn(exposed, group)
            if drawn is not None:
                placed = self._placed(*drawn, cut=self._cut(group))
                parts.append(replace(placed, counts=placed.counts.reshape(-1, len(group)).sum(axis=1)))
        return within_quota(gathered(parts, len(exposed.ids)), exposed.quota)

    def _groups(self, parents: int) -> Iterator[range]:
        """The periods, so many at once that few parents have long arrays too."""
        every = periods(self.start, self.end, self.hours)
        size = max(_AT_ONCE // max(parents, 1), 1)
        return (every[first : first + size] for first in range(0, len(every), size))

    def _cut(self, group: range) -> bool:
        """Whether the last of these periods reaches beyond the window's end."""
        return period_begin(group[-1] + 1, self.hours) > self.end

    def _drawn(self, exposed: ProcessInput, group: range) -> tuple[Words, Ints, Stretch | Periods] | None:
        """The identities of each parent's periods, the counts in them, and the exposure; None where there is none."""
        times = np.array([period_begin(p, self.hours) for p in (*group, group[-1] + 1)])
        bounds = self.clock.at(times)
        if exposed.whole is not None:
            stretch: Stretch | Periods | None = exposed.whole.periods(bounds, self.clock.moment(times))
        else:
            stretch = within(exposed.cells, bounds[:-1], bounds[1:])
        if stretch is None:
            return None
        numbers = np.tile(np.array(group), len(exposed.ids))
        keys = child_identities(np.repeat(exposed.ids, len(group)), numbers)
        mean = np.repeat(exposed.base, len(group)) * stretch.total
        affordable(float(mean.max(initial=0.0)))
        return keys, poisson(self.number.words(keys), mean), stretch

    def _uniforms(self, keys: Words, counts: Ints) -> tuple[Ints, Words, Floats]:
        """Position in `keys`, identity and uniform of each event; the uniforms of one period ascend."""
        ids = repeat_child_identities(keys, counts)
        owner = np.repeat(np.arange(len(counts)), counts)
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

    def _inside(self, uniform: Floats, owner: Ints, stretch: Stretch | Periods) -> Bools:
        """Which events fall before the window's end."""
        end = np.array([self.end])
        limit, moment = float(self.clock.at(end)[0]), float(self.clock.moment(end)[0])
        return uniform * stretch.total.take(owner) < stretch.cut(limit, moment).take(owner)

    def _placed(self, keys: Words, counts: Ints, stretch: Stretch | Periods, *, cut: bool) -> Events:
        owner, ids, uniform = self._uniforms(keys, counts)
        if cut:
            inside = self._inside(uniform, owner, stretch)
            owner, ids, uniform = owner[inside], ids[inside], uniform[inside]
            counts = np.bincount(owner, minlength=len(counts))
        uniform *= stretch.total.take(owner)
        return Events(counts, ids, self.clock.inverse(stretch.locate(uniform, owner, self.clock)))


def _span(counts: Ints, first: int, last: int) -> slice:
    """Where the events of parents `first` to `last` lie."""
    return slice(int(counts[:first].sum()), int(counts[:last].sum()))
