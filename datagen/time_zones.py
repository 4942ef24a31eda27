"""Offsets of IANA time zones from UTC.

They are read from the package `tzdata`, whose version is pinned, and never from the data of the machine: the same
document gives the same local times everywhere.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources
from itertools import pairwise
from zoneinfo import ZoneInfo

from datagen.registry import did_you_mean

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_WEEK = 7 * 86_400


@cache
def known_zones() -> frozenset[str]:
    """The names of all zones."""
    return frozenset((resources.files("tzdata") / "zones").read_text(encoding="ascii").split())


@cache
def _zone(name: str) -> ZoneInfo:
    """A known zone. Raises KeyError for others."""
    if name not in known_zones():
        raise KeyError(name)
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def zone_problem(zone: str) -> tuple[str, str] | None:
    """What is wrong with the name of a zone, and what to write instead; None if it is known."""
    if zone in known_zones():
        return None
    return f"there is no time zone '{zone[:60]}'", did_you_mean(zone, sorted(known_zones()))[:200]


def offset_changes(zone: str, start: int, end: int) -> list[list[int]]:
    """Every change of a zone's offset from UTC in [start, end), in time order: the second since 1970 from which on
    local time is ahead by a number of seconds. The first is at `start`. No zone changes back within a week. Raises
    KeyError for an unknown zone.
    """
    info = _zone(zone)
    found = [[start, _ahead(info, start)]]
    for low, high in pairwise(range(start // _WEEK * _WEEK, end + _WEEK, _WEEK)):
        before, after = _ahead(info, low), _ahead(info, high)
        if before != after:
            found.append([_change(info, low, high), after])
    return [found[0], *(offset for offset in found[1:] if start < offset[0])]


def _change(info: ZoneInfo, low: int, high: int) -> int:
    """The first second after `low` with the offset of `high`."""
    after = _ahead(info, high)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if _ahead(info, middle) == after else (middle, high)
    return high


def _ahead(info: ZoneInfo, second: int) -> int:
    """How many seconds local time is ahead of UTC at a second since 1970."""
    offset = (_EPOCH + dt.timedelta(seconds=second)).astimezone(info).utcoffset()
    return 0 if offset is None else offset // dt.timedelta(seconds=1)
