"""Local time of grid cells and instants in a time zone, with daylight saving."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.point_process.grid import Grid
from datagen.time_units import HOUR, SECOND
from datagen.time_zones import offset_changes, zone_problem

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

UTC = "UTC"
_HOUR_SECONDS = 3_600
Offset = list[int]
"""The UTC second since 1970 from which on local time is ahead by a number of seconds."""


@dataclass(frozen=True, slots=True, eq=False)
class LocalTime:
    """Local time at the start of each cell of a grid: whole hours since 1970 and the fraction of an hour, shape
    (cells,).

    `width` is the length of each cell in hours. `begins` and `ahead` are the offsets of the zone in microseconds.
    """

    hour: Ints
    part: Floats
    width: Floats
    begins: Ints
    ahead: Ints

    @property
    def middle(self) -> Floats:
        """Local time in the middle of each cell, hours since 1970."""
        return self.hour + (self.part + self.width * 0.5)

    @property
    def days(self) -> tuple[int, int]:
        """The first local day since 1970 that the grid covers, and the number of days up to the last."""
        first = int(self.hour[0]) // 24
        return first, int(self.hour[-1] + 1) // 24 - first + 1

    def shown(self, by_hour: Callable[[Ints], Floats]) -> Floats:
        """`by_hour`, a weight of local hours, on the grid. A cell that spans two local hours has the weighted mean of
        both.
        """
        here = by_hour(self.hour)
        beyond = np.maximum(self.part + self.width - 1.0, 0.0) / self.width
        beyond[beyond < 1e-9] = 0.0
        return here + beyond * (by_hour(self.hour + 1) - here) if beyond.any() else here

    def at(self, times: Ints) -> Floats:
        """Local hours since 1970 at instants (microseconds), shape (n,)."""
        place = np.maximum(np.searchsorted(self.begins, times, side="right") - 1, 0)
        return (times + self.ahead.take(place)) * np.float64(1.0 / HOUR)


def unknown_zone(scope: Scope, zone: str, *keys: str | int) -> Iterator[Problem]:
    """The problem of a name that is no IANA time zone."""
    if (problem := zone_problem(zone)) is not None:
        yield scope.problem("invalid-value", *problem, *keys)


def local_time(scope: Scope, zone: str, grid: Grid | None = None) -> LocalTime:
    """The local time of an IANA zone on the target's grid. Its offsets are frozen into the plan."""
    grid = scope.grid() if grid is None else grid
    begins, ahead = zone_offsets(scope, zone)
    edges = grid.edges[:-1]
    local = edges + ahead.take(np.maximum(np.searchsorted(begins, edges, side="right") - 1, 0))
    hour = local // HOUR
    return LocalTime(hour, (local - hour * HOUR) / HOUR, grid.widths, begins, ahead)


def zone_cuts(scope: Scope, zone: str, grid: Grid) -> Ints:
    """The starts of local hours within hours of UTC, and changes of the zone's offset within one, microseconds."""
    begins, ahead = zone_offsets(scope, zone)
    found, ends = [begins], [*begins[1:].tolist(), (grid.start + grid.hours) * HOUR]
    for begin, end, offset in zip(begins.tolist(), ends, ahead.tolist(), strict=True):
        if offset % HOUR:
            first = begin - (begin + offset) % HOUR
            found.append(np.arange(max(first, grid.start * HOUR - (grid.start * HOUR + offset) % HOUR), end, HOUR))
    return np.concatenate(found)


def zone_offsets(scope: Scope, zone: str) -> tuple[Ints, Ints]:
    """The instants from which local time is ahead by an offset, microseconds each."""
    span = scope.span()
    if zone == UTC:
        return np.array([span.start * HOUR]), np.zeros(1, np.int64)
    offsets: list[Offset] = scope.freeze(f"time zone {zone}", lambda: offsets_of(zone, span))
    begins, ahead = np.array(offsets, np.int64).T * SECOND
    return begins, ahead


def offsets_of(zone: str, grid: Grid) -> list[Offset]:
    """Every change of a zone's offset from UTC on the grid, in time order."""
    start = grid.start * _HOUR_SECONDS
    return offset_changes(zone, start, start + grid.hours * _HOUR_SECONDS)
