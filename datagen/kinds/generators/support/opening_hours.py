"""Opening hours: when a desk, a shop or a line of support is open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from datagen.columnar.block import Ints
from datagen.errors import ValueFault
from datagen.kinds.behaviors.support.holiday_calendar import public_holidays
from datagen.kinds.behaviors.support.local_time import zone_offsets
from datagen.time_units import DAY, MINUTE, WEEK

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Hours = Annotated[dict[str, str | tuple[str, ...]], Field(max_length=50)]
"""Ranges of local time by days of the week: {"mon-fri": "08:00-17:00", "sat": ["09:00-12:00", "13:00-15:00"]}."""

NEVER = 2**61
"""Later than every instant of the calendar."""
WEEKDAYS = ("thu", "fri", "sat", "sun", "mon", "tue", "wed")
"""From the first of January 1970, a Thursday, on."""
_RANGE = re.compile(r"\s*(\d{1,2}):(\d\d)\s*-\s*(\d{1,2}):(\d\d)\s*\Z", re.ASCII)
_BEFORE = 30 * 366 * DAY
"""How long before the window the hours are known."""


@dataclass(frozen=True, slots=True, eq=False)
class OpeningHours:
    """Intervals from `opens` to `closes` (excluded), microseconds, sorted, shape (k,)."""

    opens: Ints
    closes: Ints

    def next_open(self, times: Ints) -> Ints:
        """The first open instant from each time on, shape (n,). It never decreases with time."""
        place = np.searchsorted(self.closes, times, side="right")
        opens: Ints = np.maximum(times, np.append(self.opens, NEVER)[place])
        return opens

    @property
    def first(self) -> int:
        return int(self.opens[0])


def hours_problems(scope: Scope, hours: Hours) -> Iterator[Problem]:
    """Problems of the opening hours in the field `hours`."""
    if scope.window is None:
        yield scope.problem("no-window", "opening hours need a window", "write a 'window' with start and end")
    if not hours:
        yield scope.problem("missing", "it is never open", 'write {"mon-fri": "08:00-17:00"}, for example', "hours")
    unread = list(_unread(hours))
    for days, message, hint in unread:
        yield scope.problem("invalid-value", message, hint, "hours", days)
    week = [] if unread else weekly(hours)
    ends = [*week, *((begin + WEEK, end + WEEK) for begin, end in week[:1])]
    if any(later[0] < earlier[1] for earlier, later in pairwise(ends)):
        yield scope.problem("conflict", "opening hours overlap", "write each hour once", "hours")


def _unread(hours: Hours) -> Iterator[tuple[str, str, str]]:
    """The days and ranges that are not spelled right: the key, what is wrong, and what to write instead."""
    for days, ranges in hours.items():
        try:
            _days(days)
        except ValueError as error:
            yield days, str(error), "write 'mon', or 'mon-fri'"
        for one in _listed(ranges):
            try:
                _range(one)
            except ValueError as error:
                yield days, str(error), "write '08:00-17:00', for example"


def _listed(ranges: str | tuple[str, ...]) -> tuple[str, ...]:
    return (ranges,) if isinstance(ranges, str) else ranges


def weekly(hours: Hours) -> list[tuple[int, int]]:
    """The open intervals of a week, microseconds since its Thursday. Raises ValueError."""
    found = []
    for days, ranges in hours.items():
        for one in _listed(ranges):
            begin, end = _range(one)
            found += [(day * DAY + begin, day * DAY + end) for day in _days(days)]
    return sorted(found)


def opening_hours(scope: Scope, hours: Hours, zone: str, beyond: int = 0) -> OpeningHours:
    """The hours up to the window's end and `beyond` weeks after it, in UTC."""
    assert scope.window is not None
    begins, ahead = zone_offsets(scope, zone)
    first = (scope.window.start - _BEFORE) // WEEK
    weeks = np.arange(first, scope.window.end // WEEK + 2 + beyond, dtype=np.int64)[:, None] * WEEK
    local = weeks[:, :, None] + np.array(weekly(hours), np.int64)[None]
    edges = local.reshape(-1, 2)
    place = np.maximum(np.searchsorted(begins + ahead, edges, side="right") - 1, 0)
    until = np.append(begins[1:], NEVER)
    utc = np.minimum(edges - ahead[place], until[place])  # hours that a clock skips end when it does
    opens, closes = utc[utc[:, 0] < utc[:, 1]].T
    return OpeningHours(opens.copy(), closes.copy())


def hours_with_holidays(scope: Scope, hours: Hours, zone: str, country: str | None, *, beyond: int = 0) -> OpeningHours:
    """The same without those that begin on a public holiday of the country."""
    found = opening_hours(scope, hours, zone, beyond)
    begins, ahead = zone_offsets(scope, zone)
    days = (found.opens + ahead[np.maximum(np.searchsorted(begins, found.opens, side="right") - 1, 0)]) // DAY
    kept = ~np.isin(days, public_holidays(scope, country, int(days[0]), int(days[-1])))
    return OpeningHours(found.opens[kept], found.closes[kept])


def known(hours: OpeningHours, times: Ints) -> None:
    """Raises ValueFault where a time is earlier than the hours are known."""
    if len(times) and int(times.min()) < hours.first - WEEK:
        raise ValueFault("an arrival is more than 30 years before the window, where opening hours are not known")


def _days(text: str) -> list[int]:
    names = [part.strip().lower() for part in text.split("-")]
    if len(names) > 2 or not all(name in WEEKDAYS for name in names):
        raise ValueError(f"'{text[:40]}' is not a day of the week, or a range of two")
    first, last = WEEKDAYS.index(names[0]), WEEKDAYS.index(names[-1])
    return [day % 7 for day in range(first, first + (last - first) % 7 + 1)]


def _range(text: str) -> tuple[int, int]:
    """The begin and the end, microseconds since midnight; an end that is not later is one of the next day."""
    match = _RANGE.match(text)
    if not match:
        raise ValueError(f"'{text[:40]}' is not a range of time")
    hour, minute, last_hour, last_minute = map(int, match.groups())
    begin, end = (hour * 60 + minute) * MINUTE, (last_hour * 60 + last_minute) * MINUTE
    if minute > 59 or last_minute > 59 or begin >= DAY or end > DAY:
        raise ValueError(f"'{text[:40]}' is not within a day")
    return begin, end if end > begin else end + DAY


__all__ = [
    "NEVER",
    "Hours",
    "OpeningHours",
    "hours_problems",
    "hours_with_holidays",
    "known",
    "opening_hours",
    "weekly",
]
