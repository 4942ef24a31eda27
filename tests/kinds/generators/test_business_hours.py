from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

import datagen
from tests.promises.documents import tables

ZONE = ZoneInfo("Europe/Berlin")
HOLIDAYS = {(5, 1), (12, 25), (12, 26), (1, 1), (10, 3), (4, 1), (3, 29), (5, 9), (5, 20)}
"""Public holidays of all of Germany in 2024."""


def document(**declared: object) -> dict:
    hours = {"mon-fri": "08:00-17:00", "sat": ["09:00-12:00"]}
    due = {"type": "business_hours", "column": "at", "hours": hours, "time_zone": "Europe/Berlin", "country": "DE"}
    return {
        "datagen": 1,
        "name": "desk",
        "window": {"start": "2024-01-10", "end": "2024-12-01"},
        "tables": {
            "tickets": {
                "rows": {"type": "arrivals", "count": 400},
                "columns": {"at": {"type": "arrival_time"}, "due": {**due, **declared}},
            }
        },
    }


def open_at(moment: datetime) -> bool:
    local = moment.astimezone(ZONE)
    if (local.month, local.day) in HOLIDAYS or local.weekday() == 6:
        return False
    return 9 <= local.hour < 12 if local.weekday() == 5 else 8 <= local.hour < 17


def by_hand(moment: datetime, work: timedelta) -> datetime:
    """Minute by minute."""
    step = timedelta(minutes=1)
    floor = moment.replace(second=0, microsecond=0)
    begin = moment
    while not open_at(floor):
        floor += step
        begin = floor
    left, now = work, begin
    while left > timedelta(0):
        end = now.replace(second=0, microsecond=0) + step
        if open_at(now):
            spent = min(end - now, left)
            left -= spent
            if not left:
                return now + spent
        now = end
    return begin


@pytest.mark.parametrize("work", ["0h", "4h", "30h"])
def test_it_is_what_a_clock_that_runs_while_open_shows(work: str) -> None:
    cells = tables(document(work=work))["tickets"].to_pylist()[::10]
    hours = timedelta(hours=int(work[:-1]))
    for row in cells:
        assert row["due"].replace(tzinfo=UTC) == by_hand(row["at"].replace(tzinfo=UTC), hours)


@pytest.mark.parametrize("declared, message", [
    ({"hours": {}}, "it is never open"),
    ({"hours": {"mon-fry": "08:00-17:00"}}, "is not a day of the week"),
    ({"hours": {"mon": "8-17"}}, "is not a range of time"),
    ({"time_zone": "Europe/Berln"}, "there is no time zone 'Europe/Berln'"),
    ({"country": "XX"}, "there is no holiday calendar of 'XX'"),
    ({"column": "when"}, "no column 'when'"),
])  # fmt: skip
def test_problems(declared: dict, message: str) -> None:
    assert any(message in str(problem) for problem in datagen.check(document(**declared)))
