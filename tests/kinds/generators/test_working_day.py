from __future__ import annotations

import datetime as dt

import pytest

import datagen
from tests.promises.documents import tables

FREE = {dt.date(2024, 5, 1), dt.date(2024, 5, 9), dt.date(2024, 5, 20)}
"""The public holidays of all of Germany in May 2024."""


def document(**more: object) -> dict:
    columns = {
        "day": {"type": "uniform", "min": "2024-04-25", "max": "2024-05-31", "as": "date"},
        "it": {"type": "working_day", "column": "day", "country": "DE", **more},
    }
    return {"datagen": 1, "name": "a", "tables": {"t": {"rows": 500, "columns": columns}}}


def later(day: dt.date, days: int, weekend: tuple[int, ...] = (5, 6)) -> dt.date:
    """By counting."""
    free = lambda one: one.weekday() in weekend or one in FREE  # noqa: E731
    while days or free(day):
        day += dt.timedelta(days=1)
        days -= bool(days) and not free(day)
    return day


@pytest.mark.parametrize("days", [0, 1])
def test_the_first_day_can_be_a_holiday(days: int) -> None:
    made = document(days=days)
    made["tables"]["t"]["columns"]["day"]["min"] = "2024-05-01"
    assert all(row["it"] == later(row["day"], days) for row in tables(made)["t"].to_pylist())


@pytest.mark.parametrize("days", [0, 1, 2, 7])
def test_weekends_and_holidays_do_not_count(days: int) -> None:
    for row in tables(document(days=days))["t"].to_pylist():
        assert row["it"] == later(row["day"], days)


def test_the_weekend_can_be_other_days() -> None:
    for row in tables(document(days=1, weekend=["fri", "sat"]))["t"].to_pylist():
        assert row["it"] == later(row["day"], 1, (4, 5))


def test_problems() -> None:
    assert [problem.code for problem in datagen.check(document(country="XX"))] == ["unknown-country"]
    late = document(days=20)
    late["tables"]["t"]["columns"]["day"] |= {"min": "9999-12-01", "max": "9999-12-20"}
    assert [problem.keys[-1] for problem in datagen.check(late)] == ["days"]
