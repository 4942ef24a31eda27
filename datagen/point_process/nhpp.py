"""A non-homogeneous Poisson process for every parent: one count per parent and period, one uniform per event.

Periods are fixed intervals since 1970, independent of the window's end: the counts of a period are drawn for the whole
of it, and events beyond the window are cut. So a longer window adds events and changes none. Given its count, the
events of a period are independent, so sorted uniforms give them in time order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.columnar.ragged import positions
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.exposure import Periods, Stretch, within
from datagen.point_process.process import Events, ProcessInput, gathered, within_quota
from datagen.random.count_distributions import poisson
from datagen.random.streams import Stream, affordable, child_identities, repeat_child_identities
from datagen.time_units import HOUR

_ORIGIN = 96  # hours from 1970-01-01, a Thursday, to the first Monday
_BITS = np.uint64(44)
_FRACTION = np.uint64((1 << 44) - 1)
_MOST = 1 << 19
_AT_ONCE = 1 << 14  # periods of parents
_UNPLACED = 4
"""The groups of periods whose exposure is kept until times are read; more are placed at once, which bounds memory."""
PERIOD_HOURS = (52 * 168, 13 * 168, 4 * 168, 168, 24)
SHORT_HOURS = (24, 1, 1 / 60, 1 / 3600)
_LEAST_EVENTS, _MOST_EVENTS = 16, 4096
_MANY_PERIODS = 1000
_DRAWN = 1_000_000  # events


def period_hours(events_per_hour: float) -> float:
    """The longest period in which a parent has about 16 events or fewer, from its base rate alone; of a day or less,
    4,096.
    """
    found = next((h for h in PERIOD_HOURS if h * events_per_hour <= _LEAST_EVENTS), None)
    if found is not None:
        return found
    return next((h for h in SHORT_HOURS if h * events_per_hour <= _MOST_EVENTS), SHORT_HOURS[-1])


def periods(start: int, end: int, hours: float) -> range:
    """The numbers of the periods that overlap `[start, end)` (microseconds)."""
    origin, length = _ORIGIN * HOUR, round(hours * HOUR)
    return range((start - origin) // length, -((origin - end) // length))


def period_begin(number: int, hours: float) -> int:
    """The start of a period, microseconds since 1970."""
    return _ORIGIN * HOUR + number * round(hours * HOUR)


@dataclass(frozen=True, slots=True, eq=False)
class Poisson:
    """The process of one table on one clock; `end` is the window's end, microseconds."""

    clock: CumulativeIntensity
    number: Stream
    moment: Stream
    hours: float
    start: int
    end: int

    @property
    def horizon(self) -> int:
        """The end of the last period that overlaps the window, microseconds since 1970."""
        return period_begin(periods(self.start, self.end, self.hours).stop, self.hours)

    def counts(self, exposed: ProcessInput) -> Ints:
        """Events per parent before the window's end, shape (n,)."""
        total = np.zeros(len(exposed.ids), np.int64)
        self._check(exposed)
        for group in self._groups(exposed):
            drawn = self._drawn(exposed, group)
            if drawn is not None:
                total += drawn.by_parent
        return total if exposed.quota is None else np.minimum(total, exposed.quota)

    def events(self, exposed: ProcessInput) -> Events:
        """All events of n parents, in the order of parent and time."""
        parts = []
        self._check(exposed)
        so_far = np.zeros(len(exposed.ids), np.int64)
        for group in self._groups(exposed):
            drawn = self._drawn(self._left(exposed, so_far), group)
            if drawn is not None:
                ids = repeat_child_identities(drawn.keys, drawn.counts)
                parts.append(Events(drawn.by_parent, ids, partial(self._times, drawn, ids)))
                so_far += parts[-1].counts
                if len(parts) > _UNPLACED:
                    parts[-1] = parts[-1].placed()
        return within_quota(gathered(parts, len(exposed.ids)), exposed.quota)

    def _groups(self, exposed: ProcessInput) -> Iterator[range]:
        """The periods in groups, so that a few parents also have long arrays."""
        every = periods(self.start, self.end, self.hours)
        size = max(_AT_ONCE // max(len(exposed.ids), 1), 1)
        if exposed.quota is not None:  # draws beyond the quota are discarded
            size = int(
                np.clip(
                    _DRAWN / max(float(exposed.base.max(initial=0.0)) * self.hours * len(exposed.ids), 1e-9), 1, size
                )
            )
        yield from (every[first : first + size] for first in range(0, len(every), size))

    def _check(self, exposed: ProcessInput) -> None:
        """Raises PlanError for an unbounded rate, before many short periods are drawn."""
        if len(periods(self.start, self.end, self.hours)) < _MANY_PERIODS:
            return
        expected = np.zeros(len(exposed.ids))
        for cell in exposed.cells:
            expected += cell.expected()
        affordable(float((exposed.base * expected).max(initial=0.0)))

    def _left(self, exposed: ProcessInput, so_far: Ints) -> ProcessInput:
        """The exposure without parents that have reached their quota."""
        if exposed.quota is None or not so_far.any():
            return exposed
        return replace(exposed, base=np.where(so_far >= exposed.quota, 0.0, exposed.base))

    def _drawn(self, exposed: ProcessInput, group: range) -> _PeriodCounts | None:
        """The events in each of these periods of each parent, before they are placed; None if no parent is exposed."""
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
        drawn = _PeriodCounts(len(group), keys, poisson(self.number.words(keys), mean), stretch)
        return self._cut(drawn) if times[-1] > self.end else drawn

    def _cut(self, drawn: _PeriodCounts) -> _PeriodCounts:
        """The events before the window's end, which lies in the last of these periods."""
        last, counts = np.arange(drawn.size - 1, len(drawn.keys), drawn.size), drawn.counts.copy()
        number = counts[last]
        late = self._words(repeat_child_identities(drawn.keys[last], number))
        end = np.array([self.end])
        limit, moment = float(self.clock.at(end)[0]), float(self.clock.moment(end)[0])
        cut = drawn.stretch.cut(limit, moment, last)
        inside = _uniforms(late) * np.repeat(drawn.stretch.total[last], number) < np.repeat(cut, number)
        counts[last] = np.bincount(np.repeat(np.arange(len(last)), number)[inside], minlength=len(last))
        return replace(drawn, counts=counts, late=late[inside])

    def _words(self, ids: Words) -> Words:
        """The random bits of the place of each event in its period."""
        words = self.moment.words(ids)
        words >>= np.uint64(64) - _BITS
        return words

    def _times(self, drawn: _PeriodCounts, ids: Words) -> Ints:
        """The times of the events, by period of each parent; those of one period ascend."""
        counts, stretch, words = drawn.counts, drawn.stretch, self._words(ids)
        if drawn.late is not None:
            last = slice(drawn.size - 1, None, drawn.size)
            words[positions((np.cumsum(counts) - counts)[last], counts[last])] = drawn.late
        owner = np.repeat(np.arange(len(counts)), counts)
        for first in range(0, len(counts), _MOST):  # the period's position uses the other 20 bits
            part = _span(counts, first, first + _MOST)
            own = words[part]
            own |= (owner[part] - first).astype(np.uint64) << _BITS
            own.sort()
            own &= _FRACTION
        uniform = _uniforms(words)
        uniform *= stretch.total.take(owner)
        return self.clock.inverse(stretch.locate(uniform, owner, self.clock))


@dataclass(frozen=True, slots=True, eq=False)
class _PeriodCounts:
    """The events in periods of parents before they are placed: `size` periods of each parent, one after the other.

    `keys` are the identities of the periods, `counts` the events in them. `late` are the bits of the events in the last
    periods, where the window ends within those.
    """

    size: int
    keys: Words
    counts: Ints
    stretch: Stretch | Periods
    late: Words | None = None

    @property
    def by_parent(self) -> Ints:
        """The events of each parent, shape (n,)."""
        found: Ints = self.counts.reshape(-1, self.size).sum(axis=1)
        return found


def _uniforms(words: Words) -> Floats:
    """The places of events in their periods, from 0 to 1."""
    uniform = words.astype(np.float64)
    uniform *= 2.0**-44
    return uniform


def _span(counts: Ints, first: int, last: int) -> slice:
    """The positions of the events of parents `first` to `last`."""
    return slice(int(counts[:first].sum()), int(counts[:last].sum()))
