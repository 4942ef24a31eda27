"""The exposure of n parents: operational time in cells with a linear age multiplier.

Operational time is the clock's C. A cell is an interval of it, with the same number of cells for every parent, in time
order, some empty. The expected number of events between two instants is the base rate times the integral of the age
multiplier over dC: value x width for a constant multiplier, and with a slope the clock's first moment gives it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.effects import Aging, Interval
from datagen.time_units import HOUR

_FEW = 4
"""Up to this many cells are searched linearly."""
_NEWTON = 8
"""The most steps of Newton's method; one or two are enough unless a calendar changes much within a cell."""
_CLOSE = 1e-4
"""A share of the width of a cell: smaller steps have converged, because the remaining error is about the square of it.
"""
_LEAST_RATE = 0.05
"""A share of the mean multiplier of a cell: the smallest rate of a step, so that steps are bounded."""

_SLOWEST = 1e-300
"""The least multiplier that is divided by: the inverse of a smaller one may be infinite."""


@dataclass(frozen=True, slots=True, eq=False)
class AgeLine:
    """A cell's age multiplier as a line, `level + slope x hours since the grid's start`, shape (n,) each.

    `begin` and `end` are those hours at the cell's edges; `lower` and `upper` are the clock's first moment there.
    """

    level: Floats
    slope: Floats
    begin: Floats
    end: Floats
    lower: Floats
    upper: Floats

    def take(self, at: Ints) -> AgeLine:
        return AgeLine(*(getattr(self, name).take(at) for name in AgeLine.__slots__))


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """For each parent the interval `[lower, upper)` of operational time, shape (n,) each, with a constant or linear age
    multiplier.
    """

    lower: Floats
    upper: Floats
    value: float
    line: AgeLine | None = None

    def expected(self) -> Floats:
        """The expected number at base rate 1, shape (n,)."""
        width = np.maximum(self.upper - self.lower, 0.0)
        if self.line is None:
            return width * self.value
        found = self.line.level * width + self.line.slope * (self.line.upper - self.line.lower)
        return np.maximum(found, 0.0)

    def take(self, at: Ints) -> Cell:
        """The cell of the parents at these positions."""
        line = None if self.line is None else self.line.take(at)
        return Cell(self.lower.take(at), self.upper.take(at), self.value, line)

    def until(self, limit: float, moment: float) -> Cell:
        """The cell up to an operational time, at which the clock has this first moment."""
        line = self.line
        if line is not None:
            lower, upper = np.minimum(line.lower, moment), np.minimum(line.upper, moment)
            line = AgeLine(line.level, line.slope, line.begin, line.end, lower, upper)
        return Cell(np.minimum(self.lower, limit), np.minimum(self.upper, limit), self.value, line)


@dataclass(frozen=True, eq=False)
class Stretch:
    """The cells within one period: `partial[k]` is the expected number (at base rate 1) up to the end of cell k."""

    cells: tuple[Cell, ...]
    partial: tuple[Floats, ...]

    @property
    def total(self) -> Floats:
        return self.partial[-1]

    @cached_property
    def _ends(self) -> list[Floats]:
        """The last operational time within each cell, excluding its end and points without a time."""
        return [np.maximum(np.nextafter(cell.upper, -np.inf), cell.lower) for cell in self.cells]

    @cached_property
    def _flat(self) -> _FlatCells:
        return _FlatCells.of(self.cells, self.partial, self._ends)

    def cut(self, limit: float, moment: float, at: Ints) -> Floats:
        """The expected number up to an operational time, at which the clock has this first moment, of the parents at
        these positions.
        """
        cut = np.zeros(len(at))
        for cell in self.cells:
            cut += cell.take(at).until(limit, moment).expected()
        return cut

    def locate(self, targets: Floats, owner: Ints, clock: CumulativeIntensity) -> Floats:
        """The operational time at which each target, shape (m,), is reached; `owner` is its parent's position."""
        if len(self.cells) == 1 and self.cells[0].line is None:
            first = self.cells[0].lower.take(owner) + targets * (1.0 / max(self.cells[0].value, _SLOWEST))
            return np.minimum(first, self._ends[0].take(owner))
        flat, number = self._flat, self._cell_of(targets, owner)
        at: Ints = number * len(self.total) + owner
        rest = targets - flat.before.take(at)
        if flat.line is None:
            level: Floats = flat.lower.take(at) + rest * flat.pace.take(number)
            return np.minimum(level, flat.end.take(at))
        return flat.along(rest, at, clock)

    def _cell_of(self, targets: Floats, owner: Ints) -> Ints:
        """The cell of each target: the first one whose partial sum exceeds it, at most the last one."""
        last, size = len(self.cells) - 1, len(self.total)
        if last >= _FEW:
            return _first_beyond(self._flat.after, (size, last), targets, owner)
        number = np.zeros(len(targets), np.int64)
        for partial in self.partial[:-1]:
            number += targets >= partial.take(owner)
        return number

    def periods(self, limits: Floats, moments: Floats) -> Periods:
        """The stretch by periods between operational times, shape (periods + 1,), at which the clock has these first
        moments.
        """
        size, count = len(self.total), len(limits)
        owner, bound = np.repeat(np.arange(size), count), np.tile(limits, size)
        number = _first_beyond(self._flat.upper, (size, len(self.cells) - 1), bound, owner)
        reached = self._flat.reached(number * size + owner, bound, np.tile(moments, size)).reshape(size, count)
        total = np.maximum(np.diff(reached, axis=1), 0.0)
        return Periods(self, reached[:, :-1].ravel(), total.ravel(), count - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Periods:
    """The periods of a stretch, grouped by parent: `start` is the expectation before each, `total` in it."""

    whole: Stretch
    start: Floats
    total: Floats
    count: int

    def locate(self, targets: Floats, owner: Ints, clock: CumulativeIntensity) -> Floats:
        """As of a stretch; `owner` is the position of parent and period."""
        return self.whole.locate(targets + self.start.take(owner), owner // self.count, clock)

    def cut(self, limit: float, moment: float, at: Ints) -> Floats:
        """As of a stretch; `at` are positions of parent and period."""
        reached = self.whole.cut(limit, moment, at // self.count)
        return np.clip(reached - self.start.take(at), 0.0, self.total.take(at))


def _first_beyond(flat: Floats, shape: tuple[int, int], values: Floats, owner: Ints) -> Ints:
    """The first cell whose number exceeds the value of each parent: `flat` ascends with the cell, `shape` is parents
    and the last cell.
    """
    size, last = shape
    low, high = np.zeros(len(values), np.int64), np.full(len(values), last)
    for _ in range(int(last).bit_length()):
        middle = (low + high) >> 1
        beyond = flat.take(middle * size + owner) <= values
        low = np.where(beyond, np.minimum(middle + 1, last), low)
        high = np.where(beyond, high, middle)
    return low


@dataclass(frozen=True, slots=True, eq=False)
class _FlatCells:
    """All cells of a stretch one after the other, shape (cells x parents,); `pace` by cell; `line` where they have
    slopes.
    """

    lower: Floats
    upper: Floats
    end: Floats
    before: Floats
    after: Floats
    pace: Floats
    line: AgeLine | None

    @classmethod
    def of(cls, cells: Sequence[Cell], partial: Sequence[Floats], ends: Sequence[Floats]) -> _FlatCells:
        before = np.concatenate([np.zeros(len(partial[0])), *partial[:-1]])
        lower, upper = (np.concatenate([getattr(cell, name) for cell in cells]) for name in ("lower", "upper"))
        line = None
        if cells[0].line is not None:
            parts = ([getattr(cell.line, name) for cell in cells] for name in AgeLine.__slots__)
            line = AgeLine(*(np.concatenate(part) for part in parts))
        pace = 1.0 / np.maximum([cell.value for cell in cells], _SLOWEST)
        return cls(lower, upper, np.concatenate(ends), before, np.concatenate(partial), pace, line)

    def reached(self, at: Ints, limit: Floats, moment: Floats) -> Floats:
        """The expectation up to an operational time in these cells with slopes, at which the clock has this first
        moment.
        """
        line = self.line
        assert line is not None
        width = np.clip(limit, self.lower.take(at), self.upper.take(at)) - self.lower.take(at)
        lower = line.lower.take(at)
        gained = np.clip(moment, lower, line.upper.take(at)) - lower
        return self.before.take(at) + np.maximum(line.level.take(at) * width + line.slope.take(at) * gained, 0.0)

    def along(self, rest: Floats, at: Ints, clock: CumulativeIntensity) -> Floats:
        """The operational time at which an expectation is reached in cells with slopes: Newton's method, started from
        that of a constant calendar.
        """
        line = self.line
        assert line is not None
        lower, end, level, slope, moment = (
            values.take(at) for values in (self.lower, self.end, line.level, line.slope, line.lower)
        )
        part = _SlopedCells(lower, end, level, slope, moment, rest)
        first, mean = self._even(rest, at)
        found = np.minimum(np.maximum(first, lower), end)
        moving = np.arange(len(rest))
        for _ in range(_NEWTON):
            own = part.take(moving)
            times = clock.inverse(found[moving])
            reached = own.level * (found[moving] - own.lower) + own.slope * (clock.moment(times) - own.moment)
            rate = np.maximum(own.level + own.slope * clock.hours(times), _LEAST_RATE * mean[moving])
            moved = found[moving] + (own.rest - reached) / np.maximum(rate, 1e-300)
            moved = np.minimum(np.maximum(moved, own.lower), own.end)
            far = np.abs(moved - found[moving]) > _CLOSE * (own.end - own.lower)
            found[moving] = moved
            moving = moving[far]
            if not len(moving):
                break
        return found

    def _even(self, rest: Floats, at: Ints) -> tuple[Floats, Floats]:
        """The same for operational time that passes uniformly in each cell, and the mean multiplier of the cell.

        The expectation is then a quadratic function of the position, scaled to the total of the cell.
        """
        line = self.line
        assert line is not None
        lower, begin, hours = self.lower.take(at), line.begin.take(at), line.end.take(at) - line.begin.take(at)
        width = np.maximum(self.upper.take(at) - lower, 1e-300)
        expected = np.maximum(self.after.take(at) - self.before.take(at), 1e-300)
        rise = line.slope.take(at) * hours
        low = np.maximum(line.level.take(at) + line.slope.take(at) * begin, 0.0)
        share = np.minimum(rest / expected, 1.0) * np.maximum(low + rise * 0.5, 0.0)
        root = np.sqrt(np.maximum(low * low + 2.0 * rise * share, 0.0))
        return lower + width * (2.0 * share / np.maximum(low + root, 1e-300)), expected / width


@dataclass(frozen=True, slots=True, eq=False)
class _SlopedCells:
    """Cells with slopes, one for each of m events: their bounds, their lines, and the expectation before the event."""

    lower: Floats
    end: Floats
    level: Floats
    slope: Floats
    moment: Floats
    rest: Floats

    def take(self, at: Ints) -> _SlopedCells:
        return _SlopedCells(*(getattr(self, name)[at] for name in _SlopedCells.__slots__))


def cells(
    clock: CumulativeIntensity,
    spells: list[Interval],
    agings: list[tuple[Ints, Aging]],
    factors: list[Floats] | None = None,
) -> list[Cell]:
    """The cells of n parents exposed during `spells` (int64 microseconds, shape (n,) each), ages included.

    `factors` multiply the rate of each parent during each spell, shape (n,) each.
    """
    found = [Cell(low, np.maximum(low, clock.at(end)), 1.0) for low, end in ((clock.at(s), e) for s, e in spells)]
    if factors is not None or any(effect.slopes is not None for _, effect in agings):
        levels = factors if factors is not None else [np.ones(len(cell.lower)) for cell in found]
        return _sloped(clock, spells, agings, list(zip(found, levels, strict=True)))
    low, high = found[0].lower, np.maximum.reduce([cell.upper for cell in found])
    for born, effect in agings:
        edges = [np.clip(clock.at(born + round(float(e)) * HOUR), low, high) for e in effect.edges[1:]]
        bounds = [low, *edges, high]
        values = [float(v) for v in effect.values]
        found = [both for cell in found for both in _split(cell, bounds, values)]
    return found


def _sloped(
    clock: CumulativeIntensity,
    spells: list[Interval],
    agings: list[tuple[Ints, Aging]],
    levels: list[tuple[Cell, Floats]],
) -> list[Cell]:
    """The cells where a curve has slopes; `levels` are the spells themselves with their factors."""
    found = [
        Cell(cell.lower, cell.upper, 1.0, _level(clock, spell, level))
        for (cell, level), spell in zip(levels, spells, strict=True)
    ]
    first = spells[0][0]
    last = np.maximum(first, np.maximum.reduce([end for _, end in spells]))
    for born, effect in agings:
        edges = [np.clip(born + round(float(e)) * HOUR, first, last) for e in effect.edges[1:]]
        pieces = _pieces(clock, born, effect, [first, *edges, last])
        found = [both for cell in found for piece in pieces if (both := _crossed(cell, piece)) is not None]
    return found


def _level(clock: CumulativeIntensity, spell: Interval, level: Floats) -> AgeLine:
    """The constant multiplier of each parent during a spell, as a line."""
    start, end = spell[0], np.maximum(spell[0], spell[1])
    return AgeLine(
        level, np.zeros(len(level)), clock.hours(start), clock.hours(end), clock.moment(start), clock.moment(end)
    )


def _pieces(clock: CumulativeIntensity, born: Ints, effect: Aging, times: list[Ints]) -> list[Cell]:
    """The pieces of the curve of an age effect between these times, without those that no parent reaches."""
    slopes = np.zeros(len(effect.values)) if effect.slopes is None else effect.slopes
    found = []
    for k, (low, high) in enumerate(pairwise(times)):
        if not bool((high > low).any()):
            continue
        value, slope = float(effect.values[k]), float(slopes[k])
        level = value - slope * clock.hours(born + round(float(effect.edges[k])) * HOUR)
        line = AgeLine(
            level, np.full(len(born), slope), clock.hours(low), clock.hours(high), clock.moment(low), clock.moment(high)
        )
        found.append(Cell(clock.at(low), clock.at(high), value, line))
    return found


def _crossed(cell: Cell, piece: Cell) -> Cell | None:
    """The intersections of a cell and the pieces of a curve, with the product of their multipliers; None if no parent
    is exposed then.
    """
    one, other = cell.line, piece.line
    assert one is not None and other is not None
    lower = np.clip(piece.lower, cell.lower, cell.upper)  # other intersections are empty, in time order
    upper = np.clip(piece.upper, lower, cell.upper)
    if not bool((upper > lower).any()):
        return None
    begin, end = np.maximum(one.begin, other.begin), np.minimum(one.end, other.end)
    end = np.maximum(begin, end)
    level, slope = _product(one, other, begin, end)
    low = np.clip(other.lower, one.lower, one.upper)
    line = AgeLine(level, slope, begin, end, low, np.clip(other.upper, low, one.upper))
    mean = float((level + slope * (begin + end) * 0.5).max())
    return Cell(lower, upper, max(mean, 1e-300), line) if mean > 0.0 else None


def _product(one: AgeLine, other: AgeLine, begin: Floats, end: Floats) -> tuple[Floats, Floats]:
    """The line nearest to the product of two, between these hours: with the rise and the mean of the product."""
    if not one.slope.any():
        return one.level * other.level, one.level * other.slope
    if not other.slope.any():
        return one.level * other.level, one.slope * other.level
    first = (one.level + one.slope * begin) * (other.level + other.slope * begin)
    last = (one.level + one.slope * end) * (other.level + other.slope * end)
    width = end - begin
    slope = np.divide(last - first, width, out=np.zeros(len(width)), where=width > 0)
    mean = (first + last) * 0.5 - one.slope * other.slope * width * width * (1.0 / 6.0)
    return mean - slope * (begin + end) * 0.5, slope


def _split(cell: Cell, bounds: list[Floats], values: list[float]) -> list[Cell]:
    parts = []
    for (lower, upper), value in zip(pairwise(bounds), values, strict=True):
        begin = np.maximum(cell.lower, lower)
        finish = np.maximum(
            begin, np.minimum(cell.upper, upper)
        )  # empty for parents that are not exposed then, never negative
        if cell.value * value > 0 and bool((finish > begin).any()):
            parts.append(Cell(begin, finish, cell.value * value))
    return parts


def within(found: Sequence[Cell], begin: Floats, finish: Floats) -> Stretch | None:
    """Level cells cut to operational times `[begin, finish)`; None where no parent is exposed then.

    Of several periods, shape (periods,), each parent has one after the other: shapes are (parents x periods,).
    """

    def cut(edge: Floats) -> Floats:
        return np.clip(edge[:, np.newaxis], begin, finish).reshape(-1)

    return whole(Cell(cut(cell.lower), cut(cell.upper), cell.value) for cell in found)


def whole(found: Iterable[Cell]) -> Stretch | None:
    """All cells that some parent is exposed in, as one stretch; None where there is none."""
    kept = tuple(cell for cell in found if bool((cell.upper > cell.lower).any()))
    partial: list[Floats] = []
    for cell in kept:
        expected = cell.expected()
        partial.append(expected + partial[-1] if partial else expected)
    return Stretch(kept, tuple(partial)) if kept else None
