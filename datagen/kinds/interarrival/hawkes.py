"""Hawkes process: self-excitation by branching."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints, Words
from datagen.declarations.rates import Excitation, ExcitationDeclaration
from datagen.kinds.interarrival.base import Interarrival, Setting
from datagen.kinds.interarrival.support.examples import visiting
from datagen.kinds.interarrival.support.renewal import EventSequence, Renewal, exposure, placed
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.exposure import Stretch
from datagen.point_process.process import Events, Process, ProcessInput, within_quota
from datagen.random.count_distributions import poisson
from datagen.random.distributions import exponential
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.streams import Stream, child_identities
from datagen.scope import Scope
from datagen.time_units import HOUR, Duration

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.declarations.rates import ActivityPeriod
    from datagen.errors import Problem

_EXCITED = np.uint64(0xA24BAED4963EE407)
_PURPOSES = ("gap", "past", "number", "delay")


class Hawkes(Interarrival):
    """A Hawkes process: every event brings on `branching` others on average, after exponential delays of mean `decay`.

    Built by branching (Hawkes and Oakes, 1974, "A cluster process representation of a self-exciting process"): immigrants at
    1 - branching of the rate, their offspring, and theirs, all within the parent's exposure. Exposure begins with the
    offspring of a past that is not shown, so the mean is that of the rate from the first hour. Over stretches much longer than
    decay / (1 - branching), counts have a variance of 1 / (1 - branching)^2 times their mean. Delays are measured on the
    calendar's clock, in hours at a multiplier of 1: nothing happens while the rate is 0, and seasons stay as declared. The row
    attribute `cause_number` is the number, from 1 below the parent, of the event that brought a row on; missing for immigrants.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (visiting({"type": "hawkes", "branching": 0.5, "decay": "6h"}),)

    type: Literal["hawkes"] = "hawkes"
    branching: float = Field(ge=0, le=0.95, description="mean number of events that an event brings on by itself")
    decay: Duration = Field(description="mean delay between an event and one that it brings on")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.branching == 0:
            message = "events that bring on no others are random"
            yield scope.problem("no-effect", message, "leave the gaps out, or write 0.5, for example", "branching")
        if self.decay <= 0:
            yield scope.problem("range", "a decay of nothing", "write '6h', for example", "decay")

    @property
    def clumping(self) -> float:
        return 1.0 / (1.0 - self.branching) ** 2

    @property
    def causal(self) -> bool:
        return True

    @property
    def apart(self) -> bool:
        return True

    def declarations(self, scope: Scope, rate: tuple[float, float], stay: ActivityPeriod) -> Iterable[Declaration]:
        table, declared = scope.table, Excitation(self.branching, self.decay / HOUR, *rate)
        yield ExcitationDeclaration(
            table.name, scope.planted(), declared, stay, lambda: scope.rows_in(table.parent or "")
        )

    def process(self, setting: Setting, scope: Scope) -> Process:
        decay = self.decay / HOUR
        streams = tuple(scope.stream(purpose) for purpose in _PURPOSES)
        return _Excited(
            setting.clock, setting.start, setting.end, _Branching(self.branching, decay, exponential(decay), streams)
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Branching:
    """The law of the process in operational time: `decay` is in hours, `delay` is its exponential law."""

    share: float
    decay: float
    delay: InverseCdfTable
    streams: tuple[Stream, ...]

    def trail(self, exposed: ProcessInput, total: Floats) -> EventSequence:
        """All events of n parents with these totals of operational time."""
        generation = _joined([*self._immigrants(exposed, total), self._of_the_past(exposed, total)], len(total))
        family = [generation]
        while len(generation.ids):
            generation = self._offspring(generation, total)
            family.append(generation)
        return _joined(family, len(total))

    def _immigrants(self, exposed: ProcessInput, total: Floats) -> Iterator[EventSequence]:
        stream, law = self.streams[0], exponential(1.0)
        renewal = Renewal(lambda ids: law.sample(stream, ids), lambda ids: law.sample(stream, ids))
        return renewal.trails(exposed.ids, exposed.base * (1.0 - self.share), total)

    def _of_the_past(self, exposed: ProcessInput, total: Floats) -> EventSequence:
        """The offspring, within exposure, of events that came at the same rate before it."""
        keys = child_identities(exposed.ids, np.full(len(exposed.ids), -1, np.int64))
        mean = np.where(total > 0, exposed.base * (self.share * self.decay), 0.0)
        counts = poisson(self.streams[1].words(keys), mean)
        none = np.zeros(len(keys))
        return self._delayed(EventSequence(counts, np.arange(len(keys)), keys, none), counts, total)

    def _offspring(self, parents: EventSequence, total: Floats) -> EventSequence:
        return self._delayed(parents, poisson(self.streams[2].words(parents.ids), self.share), total)

    def _delayed(self, parents: EventSequence, counts: Ints, total: Floats) -> EventSequence:
        """So many events after each of the parents, as far as they fall within exposure."""
        rank = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
        # not as rows below a parent are named: below this very event there may be rows of another table, excited too
        ids = child_identities(np.repeat(parents.ids ^ _EXCITED, counts), rank)
        owner = np.repeat(parents.owner, counts)
        place = np.repeat(parents.place, counts) + self.delay.sample(self.streams[3], ids)
        inside = place < total.take(owner)
        owner = owner[inside]
        causes = np.repeat(parents.ids, counts)[inside]
        return EventSequence(np.bincount(owner, minlength=len(total)), owner, ids[inside], place[inside], causes)


def _joined(trails: list[EventSequence], parents: int) -> EventSequence:
    """The events of several trails, in any order."""
    owner = np.concatenate([trail.owner for trail in trails])
    ids: Words = np.concatenate([trail.ids for trail in trails])
    causes = [np.zeros(len(trail.ids), np.uint64) if trail.causes is None else trail.causes for trail in trails]
    place = np.concatenate([trail.place for trail in trails])
    return EventSequence(np.bincount(owner, minlength=parents), owner, ids, place, np.concatenate(causes))


@dataclass(frozen=True, slots=True, eq=False)
class _Excited:
    clock: CumulativeIntensity
    start: int
    end: int
    branching: _Branching

    @property
    def horizon(self) -> int:
        return self.end

    def counts(self, exposed: ProcessInput) -> Ints:
        stretch = exposure(exposed)
        if stretch is None:
            return np.zeros(len(exposed.ids), np.int64)
        counts = self.branching.trail(exposed, stretch.total).counts
        return counts if exposed.quota is None else np.minimum(counts, exposed.quota)

    def events(self, exposed: ProcessInput) -> Events:
        stretch = exposure(exposed)
        if stretch is None:
            return Events(np.zeros(len(exposed.ids), np.int64), np.empty(0, np.uint64), np.empty(0, np.int64))
        return within_quota(self._in_order(self.branching.trail(exposed, stretch.total), stretch), exposed.quota)

    def _in_order(self, trail: EventSequence, stretch: Stretch) -> Events:
        times = placed(self.clock, stretch, trail)
        order = np.lexsort((trail.place, times, trail.owner))
        causes = None if trail.causes is None else trail.causes[order]
        return Events(trail.counts, trail.ids[order], times[order], causes)
