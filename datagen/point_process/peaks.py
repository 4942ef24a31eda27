"""The rate of an entity at a time, and upper bounds of it, for choices in proportion to rates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.point_process.effects import NEVER_BORN, Aging, Calendar, Effect, Entity, Static
from datagen.point_process.rate import Rate
from datagen.time_units import HOUR


@dataclass(frozen=True, eq=False)
class EntityRate:
    """The effects on one target as functions of the entities themselves: every `reach` of `rate` is the identity."""

    rate: Rate

    @cached_property
    def timed(self) -> bool:
        """Whether any effect other than constant multipliers acts on it."""
        return any(not isinstance(effect, Static) for _, effect in self.rate.effects)

    def kept(self, entities: Entity) -> Floats:
        """The product of the constant multipliers, shape (n,)."""
        return self.rate.static(entities)  # type: ignore[arg-type]

    def at(self, entities: Entity, times: Ints) -> Floats:
        """The rate of each entity at its time, shape (n,); 0 before the birth of an effect by age."""
        found = self.rate.at(entities, times)  # type: ignore[arg-type]
        for born, _ in self.rate.agings(entities):  # type: ignore[arg-type]
            found = found * ((born <= times) | (born == NEVER_BORN))
        return found

    def lives(self, entities: Entity) -> tuple[Ints, Ints]:
        """The interval in which each entity can have a positive rate, int64 microseconds, (n,) each; empty if end <=
        start.
        """
        start = np.full(len(entities), -NEVER_BORN, np.int64)
        end = np.full(len(entities), NEVER_BORN, np.int64)
        spells = self.rate.spells(entities)  # type: ignore[arg-type]
        if spells is not None:
            begins, ends = np.array([one[0] for one in spells]), np.array([one[1] for one in spells])
            some = ends > begins
            start = np.where(some, begins, NEVER_BORN).min(axis=0)
            end = np.where(some, ends, -NEVER_BORN).max(axis=0)
        for born, _ in self.rate.agings(entities):  # type: ignore[arg-type]
            start = np.maximum(start, np.where(born == NEVER_BORN, -NEVER_BORN, born))
        return start, end

    def ages(self, entities: Entity) -> list[tuple[Ints, Peaks]]:
        """The births of the entities for each effect by age, and its maxima."""
        return [(born, Peaks.of(effect)) for born, effect in self.rate.agings(entities)]  # type: ignore[arg-type]

    @cached_property
    def oldest_peak(self) -> float:
        """The product of the maxima of all effects by age."""
        product = 1.0
        for _, effect in self.rate.effects:
            if isinstance(effect, Aging):
                product *= float(effect.values.max())
        return product

    @cached_property
    def _shared(self) -> Rate | None:
        """The maximum of all calendar groups, as a rate; None if there is no calendar."""
        calendars = [(reach, effect) for reach, effect in self.rate.effects if isinstance(effect, Calendar)]
        if not calendars:
            return None
        peaks = [(reach, Calendar(effect.weights.max(axis=0)[np.newaxis])) for reach, effect in calendars]
        return Rate(self.rate.target, self.rate.grid, tuple(peaks))

    def calendar_peak(self, entities: Entity, times: Ints) -> Floats:
        """An upper bound of the calendar part at each time, over all entities, shape (n,)."""
        if self._shared is None:
            return np.ones(len(times))
        return self._shared.at(entities, times)  # type: ignore[arg-type]


def in_steps(effect: Effect) -> Effect:
    """The effect as rates use it: by the steps of an age curve and the cells of a calendar, without exact values
    between them.
    """
    if isinstance(effect, Aging):
        return replace(effect, smooth=None)
    return replace(effect, exact=None) if isinstance(effect, Calendar) else effect


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """The maximum of an effect by age within any range of ages, by powers of two of its steps."""

    edges: Floats
    levels: tuple[Floats, ...]

    @classmethod
    def of(cls, effect: Aging) -> Peaks:
        levels, width = [effect.values], 1
        while 2 * width <= len(effect.values):
            last = levels[-1]
            levels.append(np.maximum(last[: len(last) - width], last[width:]))
            width *= 2
        return cls(effect.edges, tuple(levels))

    def between(self, low: Ints, high: Ints) -> Floats:
        """The greatest multiplier at ages from `low` to `high` microseconds, shape (n,)."""
        first, last = (
            np.maximum(np.searchsorted(self.edges, np.maximum(age, 0) * (1.0 / HOUR), side="right") - 1, 0)
            for age in (low, high)
        )
        steps = np.maximum(last - first + 1, 1)
        level = np.frexp(steps.astype(np.float64))[1] - 1
        out = np.empty(len(first))
        for number, peaks in enumerate(self.levels):
            own = np.flatnonzero(level == number)
            out[own] = np.maximum(peaks[first[own]], peaks[last[own] + 1 - (1 << number)])
        return out


__all__ = ["EntityRate", "Peaks", "in_steps"]
