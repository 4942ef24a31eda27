"""Parses durations and instants of a document: "2h", "30d", "2024-01-01", "2024-01-01T12:30:00"."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
WEEK = 7 * DAY
MONTH_HOURS = 730.5
YEAR_HOURS = 8766.0
UNIT_HOURS = {
    "hour": 1.0,
    "day": 24.0,
    "week": 168.0,
    "month": MONTH_HOURS,
    "quarter": 3 * MONTH_HOURS,
    "year": YEAR_HOURS,
}
"""Mean lengths in hours. A month is a twelfth of 365.25 days."""

LONGEST = int(300 * YEAR_HOURS) * HOUR
"""The longest time that a grid of hours can cover."""

_DURATION = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(us|ms|s|min|m|h|d|w|mo|y)\s*\Z", re.ASCII)
_MICROS = {
    "us": 1, "ms": 1000, "s": SECOND, "min": MINUTE, "m": MINUTE, "h": HOUR, "d": DAY, "w": WEEK,
    "mo": int(MONTH_HOURS * HOUR), "y": int(YEAR_HOURS * HOUR),
}  # fmt: skip
MOST_MICROS = 200_000 * YEAR_HOURS * HOUR
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
FIRST_INSTANT = (dt.datetime.min.replace(tzinfo=dt.UTC) - _EPOCH) // dt.timedelta(microseconds=1)
LAST_INSTANT = (dt.datetime.max.replace(tzinfo=dt.UTC) - _EPOCH) // dt.timedelta(microseconds=1)
"""The ends of the supported calendar, the years 1 to 9999 (UTC), in microseconds since 1970."""
DURATION_PATTERN = r"^\s*\d+(\.\d+)?\s*(us|ms|s|min|m|h|d|w|mo|y)\s*$"


def parse_duration(text: str) -> int:
    """Microseconds of "90s", "2h", "1.5d", "3mo". Raises ValueError."""
    match = _DURATION.match(text)
    if not match:
        raise ValueError(f"'{text[:40]}' is not a duration such as '90s', '2h', '30d', '3mo' or '1y'")
    micros = float(match[1]) * _MICROS[match[2]]
    if micros > MOST_MICROS:
        raise ValueError(f"'{text[:40]}' is longer than 200,000 years")
    return round(micros)


class OutsideCalendar(ValueError):
    """An instant before the year 1 or after the year 9999 (UTC)."""


def parse_instant(text: str) -> int:
    """Microseconds since 1970 (UTC) of an ISO date or date and time. Raises ValueError."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text[:40]}' is not a date such as '2024-01-31' or '2024-01-31T12:00:00'") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    micros = (moment - _EPOCH) // dt.timedelta(microseconds=1)
    if not FIRST_INSTANT <= micros <= LAST_INSTANT:
        raise OutsideCalendar(f"'{text[:40]}' is not within the years 1 to 9999 in UTC")
    return micros


def format_instant(micros: int) -> str:
    """ISO text of microseconds since 1970. A whole day is written as a date; an instant outside the calendar as its
    nearest end.
    """
    micros = min(max(micros, FIRST_INSTANT), LAST_INSTANT)
    moment = _EPOCH + dt.timedelta(microseconds=micros)
    return moment.date().isoformat() if micros % DAY == 0 else moment.replace(tzinfo=None).isoformat()


def _duration(data: Any) -> Any:
    if isinstance(data, str):
        try:
            return parse_duration(data)
        except ValueError as error:
            raise PydanticCustomError("invalid-value", "{message}", {"message": str(error)}) from None
    raise PydanticCustomError("invalid-value", "needs a duration with its unit, such as '2h' or '30d'")


def _instant(data: Any) -> Any:
    if isinstance(data, dt.datetime):
        data = data.isoformat()
    if isinstance(data, dt.date):
        data = data.isoformat()
    if isinstance(data, str):
        try:
            return parse_instant(data)
        except (ValueError, OverflowError) as error:
            raise PydanticCustomError("invalid-value", "{message}", {"message": str(error)}) from None
    raise PydanticCustomError("invalid-value", "needs a date such as '2024-01-31', in quotes")


Duration = Annotated[
    int,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["2h", "30d"]}),
]
"""Microseconds, written with a unit."""

Instant = Annotated[int, BeforeValidator(_instant), WithJsonSchema({"type": "string", "examples": ["2024-01-31"]})]
"""Microseconds since 1970 (UTC), written as an ISO date or date and time."""

AgeUnit = Literal["day", "week", "month", "quarter", "year"]
"""The unit of ages and lifetimes, of mean length: a month is 730.5 hours, a quarter three months, a year twelve."""
