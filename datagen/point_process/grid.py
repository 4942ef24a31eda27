"""The grid of times on which calendars are tabulated: whole hours (UTC), split where a multiplier changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.errors import PlanError
from datagen.time_units import DAY, HOUR, YEAR_HOURS

MOST_CELLS = 1 << 23
"""The most cells of all calendars of one target together."""
_FEW = 4


@dataclass(frozen=True, eq=False)
class Grid:
    """`hours` hours from hour `start` since 1970, cut at `cuts` (microseconds since 1970, ascending, none on a whole
    hour).

    It reaches from before the first arrival to beyond the window's end, so that a longer window changes no existing
    cell.
    """

    start: int
    hours: int
    cuts: Ints = field(default_factory=lambda: np.zeros(0, np.int64))

    @cached_property
    def edges(self) -> Ints:
        """The starts of the cells, and the end of the last one, microseconds, shape (cells + 1,)."""
        whole = np.arange(self.start, self.start + self.hours + 1, dtype=np.int64) * HOUR
        return np.union1d(whole, self.cuts) if len(self.cuts) else whole

    @property
    def cells(self) -> int:
        return self.hours + len(self.cuts)

    @cached_property
    def widths(self) -> Floats:
        """Hours in each cell, shape (cells,)."""
        if not len(self.cuts):
            return np.ones(self.hours)
        return np.diff(self.edges) * np.float64(1.0 / HOUR)

    @cached_property
    def middles(self) -> Floats:
        """The middle of each cell, hours since 1970, shape (cells,)."""
        return (self.edges[:-1] + self.edges[1:]) * np.float64(0.5 / HOUR)

    @cached_property
    def days(self) -> Ints:
        """The day (UTC) since 1970 of each cell, shape (cells,)."""
        days: Ints = self.edges[:-1] // DAY
        return days

    @cached_property
    def _first(self) -> Ints:
        """The first cell of each hour, and the number of cells, shape (hours + 1,)."""
        whole = np.arange(self.start, self.start + self.hours + 1, dtype=np.int64) * HOUR
        return np.searchsorted(self.edges, whole)

    @cached_property
    def _most(self) -> int:
        """The most cells of one hour."""
        return int(np.diff(self._first).max(initial=1))

    def cell(self, times: Ints) -> Ints:
        """The cell of each instant (microseconds), int64, shape (n,); the first or the last one outside the grid."""
        hour = np.clip(times // HOUR - self.start, 0, self.hours - 1)
        if not len(self.cuts):
            return hour
        if self._most > _FEW:
            return np.clip(np.searchsorted(self.edges, times, side="right") - 1, 0, self.cells - 1)
        cell, last = self._first.take(hour), self._first.take(hour + 1) - 1
        for _ in range(self._most - 1):
            cell += (self.edges.take(cell + 1) <= times) & (cell < last)
        return cell

    def cut(self, instants: Ints) -> Grid:
        """The grid with these instants (microseconds) as further cuts, as far as they lie within it.
        Raises PlanError.
        """
        found = instants
        inside = (found > self.start * HOUR) & (found < (self.start + self.hours) * HOUR) & (found % HOUR != 0)
        cuts = np.union1d(found[inside], self.cuts)
        if self.hours + len(cuts) > MOST_CELLS:
            raise self.too_fine(self.hours + len(cuts))
        return Grid(self.start, self.hours, cuts)

    def part(self, first: int, last: int) -> Grid:
        """The hours from `first` to `last` (since 1970) of the grid."""
        inside = (self.cuts > first * HOUR) & (self.cuts < last * HOUR)
        return Grid(first, last - first, self.cuts[inside])

    def too_fine(self, cells: float) -> PlanError:
        """The error for too many cells."""
        years = self.hours / YEAR_HOURS
        return PlanError(
            f"the calendar of {years:.0f} years has {cells:,.0f} cells, more than {MOST_CELLS:,}; "
            f"use longer waves, ramps and half-lives, fewer time zones, or a shorter window"
        )
