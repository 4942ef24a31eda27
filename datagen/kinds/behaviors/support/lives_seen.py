"""The survival of entities that are seen alive at some age: rows above the target come only during the same lives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints, Words
from datagen.kinds.behaviors.support.survival_curves import MOST_STEPS, SAMPLE, SurvivalCurve, common_edges
from datagen.point_process.effects import Entity
from datagen.point_process.factors import SeenAlive, SurvivalFactor
from datagen.time_units import HOUR

_KEPT = 0.85
"""The least share of the lives that goes on from one edge to the next."""
_STEPS = 42
"""About 35 of the simulated lives are left beyond so many of these edges."""
_EVEN = 0.5
"""In a step that fewer lives than this share survive to its middle, entities are seen at its begin."""


class LivesSeen:
    """Simulated lives, one set of spells for each case, of entities that are seen alive in one of the steps of age.

    `horizon` is the largest age in hours. `once`: there is no reactivation.
    """

    def __init__(self, every: Sequence[SurvivalCurve], horizon: float, *, once: bool) -> None:
        self._every, self._horizon, self._once = every, horizon, once

    def factor(self, plain: SurvivalFactor) -> SurvivalFactor:
        """The survival factor of the same entities, given as `SeenAlive`: a case for each case and step."""
        steps, edges = len(self.edges), self.edges

        def case(entity: Entity, born: Ints) -> Ints:
            assert isinstance(entity, SeenAlive)
            age = np.maximum(entity.since - born, 0) * (1.0 / HOUR)
            own = np.zeros(len(born), np.int64) if plain.case is None else plain.case(entity, born)
            step: Ints = np.searchsorted(edges, age, side="right") - 1
            return own * steps + step

        histories = None if self._once else self._drawn
        return SurvivalFactor(plain.born, edges, self.chances, case, self._once, histories)

    @cached_property
    def edges(self) -> Floats:
        """Ages in hours between which the share alive and the hazard of dying hardly change."""
        left = SAMPLE * np.cumprod(np.full(_STEPS, _KEPT))
        at = (SAMPLE - left).astype(np.int64)
        found = [common_edges(self._every, self._horizon)]
        found += [np.rint(np.sort(curve.spells[0][1])[at]) for curve in self._every]
        edges = np.unique(np.concatenate(found))
        edges = edges[edges < self._horizon]
        if len(edges) > MOST_STEPS:
            edges = edges[np.unique(np.linspace(0, len(edges) - 1, MOST_STEPS).astype(np.int64))]
        return edges

    @cached_property
    def _ends(self) -> Floats:
        return np.append(self.edges[1:], max(self._horizon, float(self.edges[-1]) + 1.0))

    def _ages(self, curve: SurvivalCurve) -> Floats:
        """The age in each step at which entities are seen, in hours."""
        middle = (self.edges + self._ends) / 2.0
        early, late = (self._at(curve, ages).mean(axis=1) for ages in (self.edges, middle))
        found: Floats = np.where(late < _EVEN * early, self.edges, middle)
        return found

    @staticmethod
    def _at(curve: SurvivalCurve, ages: Floats) -> Bools:
        """Whether each life goes on at each age, shape (ages, lives)."""
        alive = np.zeros((len(ages), SAMPLE), np.bool_)
        for start, end in curve.spells:
            alive |= (start <= ages[:, np.newaxis]) & (ages[:, np.newaxis] < end)
        return alive

    @cached_property
    def chances(self) -> Floats:
        """The mean survival probability in each step of who is seen in each step, shape (cases x steps, steps)."""
        found = [self._once_seen(curve) if self._once else self._seen(curve) for curve in self._every]
        for chances, curve in zip(found, self._every, strict=True):
            # in the mean over the ages of a step, a time later falls into later steps in proportion to how much later
            # it is: the chance then falls as the curve does, if it is 1 in the step itself
            even = np.flatnonzero(self._ages(curve) > self.edges)
            chances[even, even] = 1.0
        return np.concatenate(found)

    def _once_seen(self, curve: SurvivalCurve) -> Floats:
        """The same of lives that end once: S(t) / S(age seen)."""
        ages, every = self._ages(curve), SurvivalCurve(curve.spells)
        low = np.maximum(self.edges, ages[:, np.newaxis])
        high = np.maximum(self._ends, low)
        lived = every.until(high.ravel()) - every.until(low.ravel())
        width = (high - low).ravel()
        mean = np.divide(lived, width, out=np.ones(len(width)), where=width > 0).reshape(low.shape)
        at_seen = self._at(curve, ages).mean(axis=1)[:, np.newaxis]
        before = self._ends <= ages[:, np.newaxis]
        found: Floats = np.where(before, 1.0, np.minimum(mean / np.maximum(at_seen, 1.0 / SAMPLE), 1.0))
        return found

    def _seen(self, curve: SurvivalCurve) -> Floats:
        """The same of lives that begin again: the mean over the simulated lives that go on at the age."""
        ages = self._ages(curve)
        alive = self._at(curve, ages).astype(np.float64)
        number = np.maximum(np.add.reduce(alive, axis=1), 1.0)
        found = np.empty((len(ages), len(ages)))
        for step, (low, high) in enumerate(zip(self.edges.tolist(), self._ends.tolist(), strict=True)):
            found[:, step] = alive @ _lived(curve, low, high) / number
            begin = float(ages[step])
            found[step, step] = alive[step] @ _lived(curve, begin, high) / number[step]
        return np.clip(found, 0.0, 1.0)

    def _drawn(self, case: Ints, words: Words) -> list[tuple[Floats, Floats]]:
        """The spells, hours since birth, of lives drawn among those that go on when they are seen."""
        own, step = np.divmod(case, len(self.edges))
        uniforms = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
        found = [(np.zeros(len(case)), np.zeros(len(case))) for _ in self._every[0].spells]
        for number, curve in enumerate(self._every):
            alive = self._at(curve, self._ages(curve))
            for k in np.unique(step[own == number]).tolist():
                lives, at = np.flatnonzero(alive[k]), np.flatnonzero((own == number) & (step == k))
                if len(lives):
                    life = lives[(uniforms[at] * len(lives)).astype(np.int64)]
                    for (start, end), spell in zip(found, curve.spells, strict=True):
                        start[at], end[at] = spell[0][life], spell[1][life]
        return found


def _lived(curve: SurvivalCurve, low: float, high: float) -> Floats:
    """The share of the time between two ages (hours) in which each life goes on, shape (lives,)."""
    total = np.zeros(SAMPLE)
    for start, end in curve.spells:
        total += np.maximum(np.minimum(end, high) - np.maximum(start, low), 0.0)
    return total / (high - low)


def seen_lives(
    every: Sequence[SurvivalCurve], horizon: float, plain: SurvivalFactor, *, once: bool
) -> Callable[[], SurvivalFactor]:
    """A function that computes the survival factor of entities that are seen alive."""
    return lambda: LivesSeen(every, horizon, once=once).factor(plain)
