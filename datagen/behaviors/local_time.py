"""Local time on the grid of hours: what the clocks show in a time zone, daylight saving included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from datagen.block import Floats, Ints
from datagen.intensity.effects import Grid

if TYPE_CHECKING:
    from datagen.scope import Scope

UTC = "UTC"
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WEEK = 168
Offset = list[int]
"""From which hour since 1970 (UTC) on, how many minutes local time is ahead."""


@dataclass(frozen=True, slots=True, eq=False)
class LocalTime:
    """Local time at the start of each hour of the grid: whole hours since 1970 and the part of an hour on top, shape (hours,)."""

    hour: Ints
    part: Floats

    @property
    def middle(self) -> Floats:
        """Local time in the middle of each hour, hours since 1970."""
        return self.hour + (self.part + 0.5)

    @property
    def days(self) -> tuple[int, int]:
        """The first local day since 1970 that the grid touches, and the number of days up to the last."""
        first = int(self.hour[0]) // 24
        return first, int(self.hour[-1] + 1) // 24 - first + 1

    def shown(self, by_hour: Callable[[Ints], Floats]) -> Floats:
        """`by_hour`, which weighs local hours, on the grid; an hour that straddles two local hours has its share of both."""
        here = by_hour(self.hour)
        return here + self.part * (by_hour(self.hour + 1) - here) if self.part.any() else here


def local_time(scope: Scope, zone: str) -> LocalTime:
    """The local time of an IANA zone on the plan's grid; its offsets are frozen into the plan."""
    grid = scope.grid()
    offsets: list[Offset] = (
        scope.freeze(f"time zone {zone}", lambda: offsets_of(zone, grid)) if zone != UTC else [[grid.start, 0]]
    )
    hours = np.arange(grid.start, grid.start + grid.hours)
    begins = np.array([begin for begin, _ in offsets])
    minutes = np.array([offset for _, offset in offsets])
    local = hours * 60 + minutes.take(np.maximum(np.searchsorted(begins, hours, side="right") - 1, 0))
    return LocalTime(local // 60, (local % 60) / 60.0)


def offsets_of(zone: str, grid: Grid) -> list[Offset]:
    """Every change of a zone's offset from UTC on the grid, in the order of time. No zone changes back within a week."""
    info = ZoneInfo(zone)
    begin = grid.start // _WEEK * _WEEK
    found = [[grid.start, _minutes(info, grid.start)]]
    for low, high in pairwise(range(begin, grid.start + grid.hours + _WEEK, _WEEK)):
        before, after = _minutes(info, low), _minutes(info, high)
        if before != after:
            found.append([_change(info, low, high), after])
    return [found[0], *(offset for offset in found[1:] if offset[0] > grid.start)]


def _change(info: ZoneInfo, low: int, high: int) -> int:
    """The first hour after `low` with the offset of `high`."""
    after = _minutes(info, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _minutes(info, middle) == after else (middle, high)
    return high


def _minutes(info: ZoneInfo, hour: int) -> int:
    """How many minutes local time is ahead of UTC at an hour since 1970."""
    offset = (_EPOCH + dt.timedelta(hours=hour)).astimezone(info).utcoffset()
    return 0 if offset is None else offset // dt.timedelta(minutes=1)
