"""The clock of a point process: the cumulative calendar multiplier C on the grid, its first moment, and its inverse.

C is piecewise linear between the edges of the cells, so both directions are exact up to rounding. Only `+ - * /` and
look-ups are used, so the bits are portable.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.point_process.grid import Grid
from datagen.time_units import HOUR

_STEPS = 6


@dataclass(frozen=True, eq=False)
class CumulativeIntensity:
    """`cumulative[c]` is C at the start of cell c of the grid, shape (cells + 1,), non-decreasing."""

    grid: Grid
    cumulative: Floats
    guide: Ints
    per_cell: float

    @classmethod
    def of(cls, start: int, weights: Floats) -> CumulativeIntensity:
        """The clock of hourly multipliers; `start` is the first hour since 1970."""
        return cls.on(Grid(start, len(weights)), weights)

    @classmethod
    def on(cls, grid: Grid, weights: Floats) -> CumulativeIntensity:
        """The clock of the multiplier in each cell of a grid, shape (cells,)."""
        mass = weights * grid.widths if len(grid.cuts) else weights
        cumulative = np.concatenate(([0.0], np.cumsum(mass)))
        cells = 2 * len(mass)
        total = float(cumulative[-1])
        per_cell = cells / total if total > 0 else 0.0
        floor = (np.arange(cells + 2) - 1e-3) / per_cell if per_cell else np.zeros(cells + 2)
        guide = np.searchsorted(cumulative, floor, side="right") - 1
        return cls(grid, cumulative, np.clip(guide, 0, len(mass) - 1), per_cell)

    @property
    def start(self) -> int:
        """The first hour since 1970."""
        return self.grid.start

    def at(self, times: Ints) -> Floats:
        """C at times (int64 microseconds since 1970), shape (n,); constant beyond the grid."""
        cell, part = self._place(times)
        below = self.cumulative.take(cell)
        part *= self.cumulative.take(cell + 1) - below
        part += below
        return part

    def moment(self, times: Ints) -> Floats:
        """The integral of (hours since the grid's start) dC up to times, shape (n,); constant beyond the grid."""
        cell, part = self._place(times)
        mass = (self.cumulative.take(cell + 1) - self.cumulative.take(cell)) * part
        begin = self._begins.take(cell)
        middle = begin + part * (self._begins.take(cell + 1) - begin) * 0.5
        found: Floats = self._moments.take(cell) + mass * middle
        return found

    def hours(self, times: Ints) -> Floats:
        """Hours since the grid's start, shape (n,)."""
        return (times - self.grid.start * HOUR) * np.float64(1.0 / HOUR)

    def _place(self, times: Ints) -> tuple[Ints, Floats]:
        """The cell of each time, and the elapsed share of it, 0 to 1."""
        if len(self.grid.cuts):
            cell = self.grid.cell(times)
            begin = self.grid.edges.take(cell)
            part = (times - begin) / (self.grid.edges.take(cell + 1) - begin)
            return cell, np.minimum(np.maximum(part, 0.0, out=part), 1.0, out=part)
        last = len(self.cumulative) - 2
        since = times - self.start * HOUR  # np.clip takes several times as long for a few times
        np.minimum(np.maximum(since, 0, out=since), (last + 1) * HOUR, out=since)
        hour = np.minimum(since // HOUR, last)
        part = (since - hour * HOUR) * (1.0 / HOUR)
        return hour, part

    @cached_property
    def _begins(self) -> Floats:
        """The starts of the cells, hours since the grid's start, shape (cells + 1,)."""
        return self.hours(self.grid.edges)

    @cached_property
    def _moments(self) -> Floats:
        middles = (self._begins[1:] + self._begins[:-1]) * 0.5
        return np.concatenate(([0.0], np.cumsum(np.diff(self.cumulative) * middles)))

    def inverse(self, values: Floats) -> Ints:
        """The times at which C reaches `values`, int64 microseconds, shape (n,). Cells of weight 0 are never hit."""
        cell = self.guide.take((values * self.per_cell).astype(np.int64), mode="clip")
        cell = self._advance(cell, values)
        below = self.cumulative.take(cell)
        width = self.cumulative.take(cell + 1) - below
        part = values - below
        np.divide(part, width, out=part, where=width > 0)
        np.clip(part, 0.0, 1.0, out=part)
        if len(self.grid.cuts):
            begin = self.grid.edges.take(cell)
            length = self.grid.edges.take(cell + 1) - begin
            part *= length
            within: Ints = np.minimum(part.astype(np.int64), length - 1)
            return within + begin
        part *= float(HOUR)
        return np.minimum(part.astype(np.int64), HOUR - 1) + (cell + self.start) * HOUR

    def _advance(self, cell: Ints, values: Floats) -> Ints:
        """From the guide's cell to the last one that does not begin after the value."""
        last = len(self.cumulative) - 2
        for _ in range(_STEPS):
            late = self.cumulative.take(cell + 1) <= values
            late &= cell < last
            if not late.any():
                return cell
            cell = cell + late
        return np.clip(np.searchsorted(self.cumulative, values, side="right") - 1, 0, last)
