"""Tabulates survival curves with the code that draws lifetimes, on stratified random words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.kinds.lifetimes.base import NEVER
from datagen.point_process.effects import Entity
from datagen.point_process.factors import Aged
from datagen.random.stratified_stream import StratifiedStream, golden_ratio_sequence
from datagen.random.streams import Stream
from datagen.time_units import UNIT_HOURS

if TYPE_CHECKING:
    from datagen.kinds.lifetimes.base import Lifetime
    from datagen.time_units import AgeUnit

SAMPLE = 1 << 15
MOST_STEPS = 96
_STEPS_OF_ONE = 40

IDS = np.arange(SAMPLE, dtype=np.uint64)


@dataclass(frozen=True, eq=False)
class SurvivalCurve:
    """Spells of `SAMPLE` lives from birth at 0: starts and ends in hours. `share` of the entities have any spell."""

    spells: tuple[tuple[Floats, Floats], ...]
    share: float = 1.0

    @classmethod
    def of(cls, hours: Floats, share: float = 1.0) -> SurvivalCurve:
        """The curve of lives that end once, after `hours`."""
        return cls(((np.zeros(len(hours)), hours),), share)

    def until(self, ages: Floats) -> Floats:
        """Mean hours alive up to each age, shape (ages,)."""
        total = np.zeros(len(ages))
        for start, end in self._sums:
            total += _capped(*end, ages) - _capped(*start, ages)
        return total * self.share

    @cached_property
    def _sums(self) -> list[list[tuple[Floats, Floats]]]:
        """Starts and ends of each spell, ascending, and the sums of the first 0, 1, 2 ... of them."""
        ordered = [[np.sort(moments) for moments in spell] for spell in self.spells]
        return [[(moments, np.concatenate(([0.0], np.cumsum(moments)))) for moments in spell] for spell in ordered]

    def between(self, edges: Floats, horizon: float) -> Floats:
        """The mean survival probability from each edge to the next, the last up to the horizon, shape (edges,)."""
        ends = np.append(edges[1:], max(horizon, float(edges[-1]) + 1.0))
        mean: Floats = (self.until(ends) - self.until(edges)) / (ends - edges)
        return np.clip(mean, 0.0, 1.0)

    def edges(self, horizon: float) -> Floats:
        """Ages in hours between which the probability hardly changes, from 0, below the horizon."""
        moments = np.concatenate([moment for spell in self.spells for moment in spell])
        moments = np.sort(moments[(moments > 0) & (moments < horizon)])
        distinct = np.unique(np.rint(moments))
        if len(distinct) > MOST_STEPS:
            at = np.linspace(0, len(moments) - 1, _STEPS_OF_ONE).astype(np.int64)
            distinct = np.unique(np.rint(moments[at]))
        return np.unique(np.concatenate(([0.0], distinct)))


def life_hours(lifetime: Lifetime, number: int = 0) -> Floats:
    """`SAMPLE` lives of the n-th spell in hours: stratified for the first spell, fixed random words for all others."""
    stream = StratifiedStream(SAMPLE) if number == 0 else Stream.named(0, "life", str(number))
    lives = np.minimum(lifetime.units(stream, IDS) * UNIT_HOURS[lifetime.unit], NEVER)
    return np.where(golden_ratio_sequence(SAMPLE) < lifetime.cure_share, NEVER, lives)


def drawn_lives(every: Sequence[SurvivalCurve], case: Ints, words: Words) -> list[tuple[Floats, Floats]]:
    """The spells, hours since birth, of lives drawn by random words, each of its case. Entities without a life have
    empty spells.
    """
    life = (words >> np.uint64(64 - SAMPLE.bit_length() + 1)).astype(np.int64)
    rest = (words & np.uint64(0xFFFF_FFFF)).astype(np.float64) * 2.0**-32
    none = rest >= np.array([curve.share for curve in every])[case]
    found = []
    for number in range(len(every[0].spells)):
        start, end = (np.stack([c.spells[number][side] for c in every])[case, life] for side in (0, 1))
        found.append((start, np.where(none, start, end)))
    return found


def common_edges(every: Iterable[SurvivalCurve], horizon: float) -> Floats:
    """Edges that serve all of them, at most 96."""
    edges = np.unique(np.concatenate([alive.edges(horizon) for alive in every]))
    if len(edges) > MOST_STEPS:
        edges = edges[np.unique(np.linspace(0, len(edges) - 1, MOST_STEPS).astype(np.int64))]
    return edges


def tenure_edges(alive: SurvivalCurve, horizon: float, number: int = 8) -> Floats:
    """Ages in hours that divide the decrease of the survival curve up to the horizon into about equal parts."""
    fine = np.linspace(0.0, horizon, 400)
    chance = alive.between(fine, horizon * 400 / 399)
    fall = np.maximum.accumulate(chance[0] - chance)
    if fall[-1] <= 0:
        return np.zeros(1)
    cuts = np.searchsorted(fall, np.arange(1, number) / number * fall[-1])
    return np.unique(np.rint(np.concatenate(([0.0], fine[np.minimum(cuts, 399)]))))


def tenure(alive: SurvivalCurve, born: Callable[[Entity], Ints], horizon: float, unit: AgeUnit) -> tuple[Aged, ...]:
    """The survival probability as a factor by age. None if it does not decrease up to the horizon (hours)."""
    edges = tenure_edges(alive, horizon)
    if len(edges) < 2:
        return ()
    planted, at = alive.between(edges, horizon), tuple((edges / UNIT_HOURS[unit]).tolist())
    labels = labels_of(edges.tolist(), UNIT_HOURS[unit], unit)
    return (Aged("tenure", labels, planted, shape="curve", at=at, unit=unit, born=born, edges=edges),)


def _capped(ordered: Floats, sums: Floats, ages: Floats) -> Floats:
    """The mean of min(moment, age) for each age; `sums` are those of the first 0, 1, 2 ... of the `ordered` moments."""
    below = np.searchsorted(ordered, ages)
    mean: Floats = (sums[below] + ages * (len(ordered) - below)) / len(ordered)
    return mean


def labels_of(edges: Sequence[float], unit_hours: float, unit: str) -> tuple[str, ...]:
    """Labels such as "0 to 3 months"; the last one is open."""
    at = [f"{edge / unit_hours:.2g}" for edge in edges]
    inner = [f"{low} to {high} {unit}s" for low, high in pairwise(at)]
    return (*inner, f"{at[-1]} {unit}s and more")
