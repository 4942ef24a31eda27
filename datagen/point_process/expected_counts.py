"""Expected numbers of events of each parent under the declared rate: by age, by hour, by period.

Expectations are over hidden effects: a life enters by its survival probability. Exposure is divided into cells,
intervals of real time with one age multiplier. Within a cell the expectation is that of the cumulative calendar, so the
numbers are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.point_process.effects import Entity, Interval, Treatment, treated
from datagen.point_process.factors import Aged
from datagen.point_process.ground_truth import GroundTruth
from datagen.point_process.rate import Rate
from datagen.point_process.tabulated import TabulatedCurve
from datagen.time_units import HOUR

_CHANGE, _MOST_BINS = 0.03, 96
"""How much a smooth curve may change within a cell, which has its mean, unless it would need more cells than this."""
_NEVER = 1e9

Cell = tuple[Ints, Ints, Floats]
"""An interval for each parent (microseconds, empty if start and end are equal) and its age multiplier, shape (n,) each.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A multiplier by age: `values[case, k]` from age `edges[k]` (hours) on, times a smooth curve, for parents born
    then; shape (n,) each.
    """

    born: Ints
    edges: Floats
    values: Floats
    case: Ints
    smooth: TabulatedCurve | None = None

    def times(self, other: Curve) -> Curve:
        """The product of two curves of the same births."""
        edges = np.union1d(self.edges, other.edges)
        mine, theirs = (c.values[:, np.searchsorted(c.edges, edges, side="right") - 1] for c in (self, other))
        values = (mine[:, np.newaxis, :] * theirs[np.newaxis, :, :]).reshape(-1, len(edges))
        smooth = self.smooth or other.smooth
        if self.smooth and other.smooth:
            smooth = self.smooth.times(other.smooth)
        return Curve(self.born, edges, values, self.case * len(theirs) + other.case, smooth)

    def at(self, times: Ints) -> Floats:
        """The multiplier of each parent at its time (microseconds), shape (n,)."""
        age = np.maximum(times - self.born, 0) * (1.0 / HOUR)
        value: Floats = self.values[self.case, np.searchsorted(self.edges, age, side="right") - 1]
        return value if self.smooth is None else value * self.smooth.at(age)

    def of(self, parents: Ints) -> Curve:
        """The curve of the parents at these positions."""
        return Curve(self.born[parents], self.edges, self.values, self.case[parents], self.smooth)

    def split(self, cell: Cell) -> Iterator[Cell]:
        """The parts of a cell by the steps of the curve."""
        start, end, value = cell
        oldest = float(np.maximum(end - self.born, 0).max(initial=0)) / HOUR
        last = int(np.searchsorted(self.edges, oldest, side="right"))
        bounds = np.rint(self.edges[:last] * HOUR).astype(np.int64)
        for k in range(last):
            low = start if k == 0 else np.maximum(start, self.born + bounds[k])
            high = end if k + 1 == last else np.minimum(end, self.born + bounds[k + 1])
            if bool((high > low).any()):
                high = np.maximum(high, low)
                here = value * self.values[self.case, k]
                yield low, high, here if self.smooth is None else here * self._mean(self.smooth, low, high, k)

    def _mean(self, smooth: TabulatedCurve, low: Ints, high: Ints, step: int) -> Floats:
        """The mean of the smooth curve over each parent's part of a step, shape (n,)."""
        bounds = self.edges[step : step + 2] if step + 1 < len(self.edges) else np.append(self.edges[-1], _NEVER)
        full = np.full(len(low), smooth.mean(bounds[:1], bounds[1:])[0])
        ages = [(times - self.born) * np.float64(1.0 / HOUR) for times in (low, high)]
        part = np.flatnonzero((high > low) & ((ages[0] != bounds[0]) | (ages[1] != bounds[1])))
        full[part] = smooth.mean(ages[0][part], ages[1][part])
        return full


@dataclass(frozen=True, slots=True, eq=False)
class TreatmentCurve:
    """A treatment of n parents: `factor` within a `span` (microseconds), shape (n,) each, of which `left` is left with
    time.

    `edges` are the hours since exposure between which the effect hardly changes.
    """

    factor: Floats
    span: Interval
    left: TabulatedCurve | None
    edges: Floats

    @classmethod
    def of_treatment(cls, treatment: Treatment, entity: Entity, end: Ints) -> TreatmentCurve:
        span = treatment.span(entity)
        if treatment.left is None:
            return cls(treatment.factor(entity), span, None, np.zeros(1))
        left = TabulatedCurve.of(treatment.left)
        longest = float(np.maximum(np.minimum(end, span[1]) - span[0], 0).max(initial=0)) / HOUR
        return cls(treatment.factor(entity), span, left, left.bins(longest, _CHANGE, _MOST_BINS))

    def at(self, times: Ints) -> Floats:
        """The multiplier of each parent at its time (microseconds), shape (n,)."""
        return treated(self.factor, self.span, None if self.left is None else self.left.at, times)

    def of(self, parents: Ints) -> TreatmentCurve:
        """The treatment of the parents at these positions."""
        begin, end = self.span
        return TreatmentCurve(self.factor[parents], (begin[parents], end[parents]), self.left, self.edges)

    def split(self, cell: Cell) -> Iterator[Cell]:
        """The parts of a cell before, during and after the treatment."""
        start, end, value = cell
        begin, over = self.span
        bounds = [begin, *(np.minimum(begin + round(float(edge) * HOUR), over) for edge in self.edges[1:]), over]
        yield from _part(start, np.minimum(end, begin), value)
        for low, high in pairwise(bounds):
            yield from _part(np.maximum(start, low), np.minimum(end, high), value * self._mean(low, high))
        yield from _part(np.maximum(start, np.maximum(begin, over)), end, value)

    def _mean(self, low: Ints, high: Ints) -> Floats:
        if self.left is None:
            return self.factor
        ages = [(times - self.span[0]) * np.float64(1.0 / HOUR) for times in (low, np.maximum(low, high))]
        return 1.0 + (self.factor - 1.0) * self.left.mean(*ages)


def _part(low: Ints, high: Ints, value: Floats) -> Iterator[Cell]:
    if bool((high > low).any()):
        yield low, np.maximum(low, high), value


@dataclass(frozen=True, eq=False)
class Exposure:
    """n parents: exposed from `start` to `end` (microseconds) at `base` events an hour, shape (n,) each."""

    planted: GroundTruth
    rows: Rows
    start: Ints
    end: Ints
    base: Floats

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def group(self) -> Ints:
        """The calendar group of each parent."""
        group = self.planted.rate.group(self.rows)
        return np.zeros(len(self), np.int64) if group is None else group

    @cached_property
    def _cumulative(self) -> Floats:
        calendars, widths = self.planted.rate.calendars, self.planted.rate.grid.widths
        return np.concatenate([np.concatenate(([0.0], np.cumsum(weights * widths))) for weights in calendars])

    def clock(self, times: Ints, owner: Ints | None = None) -> Floats:
        """The cumulative calendar at each time, hours at a multiplier of 1, shape (n,).

        Of each parent at its time, or of the parents at `owner`.
        """
        grid = self.planted.rate.grid
        group = self.group if owner is None else self.group[owner]
        cell = grid.cell(times)
        at = cell + group * (grid.cells + 1)
        below, begin = self._cumulative.take(at), grid.edges.take(cell)
        part = np.clip((times - begin) / (grid.edges.take(cell + 1) - begin), 0.0, 1.0)
        return below + (self._cumulative.take(at + 1) - below) * part  # type: ignore[no-any-return]

    @cached_property
    def curves(self) -> tuple[Curve, ...]:
        """Every effect of age, with those of the same births merged; also cut at the edges of the age factors."""
        merged: list[Curve] = []
        for curve in (*self.agings(), *self.survival_factors(), *self._edges()):
            same = next((k for k, other in enumerate(merged) if np.array_equal(other.born, curve.born)), None)
            if same is None:
                merged.append(curve)
            else:
                merged[same] = merged[same].times(curve)
        return tuple(merged)

    @cached_property
    def treatments(self) -> tuple[TreatmentCurve, ...]:
        return treatment_curves(self.planted.rate, self.rows, self.end)

    def multipliers(self, curves: Iterable[Curve]) -> Iterator[Curve | TreatmentCurve]:
        """Curves of age, and the treatments."""
        yield from curves
        yield from self.treatments

    def agings(self) -> Iterator[Curve]:
        none = np.zeros(len(self), np.int64)
        for born, effect in self.planted.rate.agings(self.rows):
            if effect.smooth is None:
                yield Curve(born, effect.edges, effect.values[np.newaxis], none)
                continue
            oldest = float(np.maximum(self.end - born, 0).max(initial=0)) / HOUR
            smooth = TabulatedCurve.of(effect.smooth)
            edges = smooth.bins(oldest, _CHANGE, _MOST_BINS)
            yield Curve(born, edges, np.ones((1, len(edges))), none, smooth)

    def survival_factors(self) -> Iterator[Curve]:
        for reach, survival in self.planted.survival_factors:
            entity = reach(self.rows)
            born = survival.born(entity)
            case = survival.case(entity, born) if survival.case else np.zeros(len(self), np.int64)
            yield Curve(born, survival.edges, survival.alive, case)

    def _edges(self) -> Iterator[Curve]:
        for known in self.planted.known:
            factor = known.factor
            if isinstance(factor, Aged):
                born = factor.born(known.reach(self.rows))
                yield Curve(born, factor.edges, np.ones((1, len(factor.edges))), np.zeros(len(self), np.int64))

    def cells(self) -> list[Cell]:
        """The intervals of all parents in age order."""
        found = [(self.start, np.maximum(self.end, self.start), np.ones(len(self)))]
        for curve in self.multipliers(self.curves):
            found = [part for cell in found for part in curve.split(cell)]
        return found

    def expected(self, cell: Cell) -> Floats:
        """Events expected in a cell of each parent, shape (n,)."""
        low, high, value = cell
        number: Floats = (self.clock(high) - self.clock(low)) * value * self.base
        return number


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """The parents by spans of the window or of their lives, shape (n, spans): the expectation if they live, and their
    survival probability.
    """

    potential: Floats
    chance: Floats

    @classmethod
    def of(cls, exposure: Exposure, bounds: Ints) -> Spans:
        """Between successive bounds (microseconds; for all, or for each parent, shape (spans + 1, n)); ages are those
        in the middle of each parent's stretch.
        """
        potential = np.zeros((len(exposure), len(bounds) - 1))
        chance = np.zeros(potential.shape)
        agings, survival_factors = list(exposure.multipliers(exposure.agings())), list(exposure.survival_factors())
        for m, (begin, finish) in enumerate(pairwise(bounds)):
            low = np.clip(exposure.start, begin, finish)
            high = np.maximum(np.clip(exposure.end, begin, finish), low)
            middle = low + (high - low) // 2
            width = (exposure.clock(high) - exposure.clock(low)) * exposure.base
            potential[:, m] = width * multiplied(agings, middle)
            chance[:, m] = multiplied(survival_factors, middle)
        return cls(potential, chance)

    @property
    def mean(self) -> Floats:
        """Events expected, shape (n, spans)."""
        return self.potential * self.chance

    def scaled(self, mean: Floats) -> Spans:
        """The same with the exact expectation of each parent, shape (n,): a multiplier may change within a span."""
        total = np.add.reduce(self.mean, axis=1)
        scale = np.divide(mean, total, out=np.ones(len(total)), where=total > 0)
        return Spans(self.potential * scale[:, np.newaxis], self.chance)

    def second(self) -> Floats:
        """The mean square of a parent's expectation given its life, shape (n,). An entity alive in a span was alive in
        all earlier ones.
        """
        upto = np.cumsum(self.potential, axis=1)
        before = upto - self.potential
        total: Floats = np.add.reduce(self.chance * (upto * upto - before * before), axis=1)
        return total


def treatment_curves(rate: Rate, rows: Rows, end: Ints) -> tuple[TreatmentCurve, ...]:
    """Every treatment of the rows, observed until `end` (microseconds, shape (n,))."""
    return tuple(TreatmentCurve.of_treatment(one, reach(rows), end) for reach, one in rate.treatments)


def multiplied(curves: Iterable[Curve | TreatmentCurve], times: Ints) -> Floats:
    """The product of all curves for each parent at its time, shape (n,)."""
    product = np.ones(len(times))
    for curve in curves:
        product *= curve.at(times)
    return product


def at_risk(exposure: Exposure, cells: Iterable[Cell], slot: Ints, slots: int) -> Floats:
    """Base times age multiplier, summed over the exposed parents in each cell of the grid, by slot, shape (slots,
    cells).
    """
    grid = exposure.planted.rate.grid
    width = grid.cells + 2
    change = np.zeros(slots * width)
    for low, high, value in cells:
        there = high > low
        weight, offset = (exposure.base * value)[there], slot[there] * width
        for times, sign in ((low[there], 1.0), (high[there], -1.0)):
            cell = grid.cell(times)
            begin = grid.edges.take(cell)
            part = np.clip((times - begin) / (grid.edges.take(cell + 1) - begin), 0.0, 1.0) * sign
            change += np.bincount(cell + offset, weight * (sign - part), minlength=len(change))
            change += np.bincount(cell + offset + 1, weight * part, minlength=len(change))
    present: Floats = np.cumsum(change.reshape(slots, width), axis=1)[:, : grid.cells]
    return present
