"""Rates within opening hours only."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.kinds.behaviors.opening_hours import WithinHours
from tests.kinds.behaviors.calendars import at, weights
from tests.promises.documents import tables


def opening(**more: Any) -> dict[str, Any]:
    return {"type": "opening_hours", "hours": {"mon-fri": "08:00-18:00"}, **more}


def test_the_rate_is_there_within_the_hours_and_has_its_mean_over_a_week() -> None:
    row = weights(opening())
    assert at(row, "2024-03-05T07") == at(row, "2024-03-05T18") == at(row, "2024-03-09T12") == 0
    assert at(row, "2024-03-05T08") == at(row, "2024-03-05T17") == pytest.approx(168 / 50)
    assert row[: 52 * 168].mean() == pytest.approx(1)


def test_outside_is_a_part_of_the_rate_within() -> None:
    row = weights(opening(outside=0.1))
    assert at(row, "2024-03-05T03") == pytest.approx(at(row, "2024-03-05T12") / 10)
    assert row[: 52 * 168].mean() == pytest.approx(1)


def test_public_holidays_are_closed_and_a_night_belongs_to_its_first_day() -> None:
    row = weights(opening(country="US", hours={"mon-sun": "20:00-02:00"}))
    assert (
        at(row, "2024-07-04T01") > 0 == at(row, "2024-07-04T21") == at(row, "2024-07-05T01") < at(row, "2024-07-05T21")
    )


def test_hours_are_local_to_each_entity_and_exact_to_the_minute(tmp_path: Path) -> None:
    document = copy.deepcopy(WithinHours.examples[0])
    document["tables"]["customers"]["rows"]["count"] = 200
    made = tables(document)
    zones = dict(zip(*(made["customers"][name].to_pylist() for name in ("customer_id", "time_zone")), strict=True))
    orders = made["orders"].to_pandas()
    orders["zone"] = orders["customer_id"].map(zones)
    for zone, part in orders.groupby("zone"):
        local = part["ordered_at"].dt.tz_localize("UTC").dt.tz_convert(zone)
        hour = (local - local.dt.normalize()).dt.total_seconds() / 3600
        for days, first, last in ((local.dt.dayofweek < 5, 8.5, 18), (local.dt.dayofweek == 5, 9, 13)):
            assert first <= hour[days].min() < first + 0.2
            assert last - 0.2 < hour[days].max() < last
        assert not (local.dt.dayofweek == 6).any()
        assert not ((local.dt.month == 12) & (local.dt.day == 25)).any()
    datagen.generate(document, tmp_path / "out", workers=1)
    assert datagen.validate(document, tmp_path / "out").passed


def test_the_holidays_are_those_of_the_country_of_each_entity() -> None:
    document = copy.deepcopy(WithinHours.examples[0])
    document["tables"]["customers"]["columns"]["country"] = {"type": "choice", "values": ["US", "DE"]}
    document["tables"]["orders"]["behaviors"] = [
        opening(hours={"mon-sun": "00:00-24:00"}, country={"column": "customers.country"})
    ]
    document["tables"]["orders"]["rows"]["mean_per_month"] = 60
    made = {name: table.to_pandas() for name, table in tables(document).items()}
    orders = made["orders"].merge(made["customers"])
    for country, day in (("US", (7, 4)), ("DE", (10, 3))):
        on_it = (orders["ordered_at"].dt.month == day[0]) & (orders["ordered_at"].dt.day == day[1])
        assert set(orders["country"][on_it]) == {"US", "DE"} - {country}


@pytest.mark.parametrize(
    "more, message",
    [
        ({"hours": {}}, "it is never open"),
        ({"hours": {"mon-sun": "00:00-24:00"}}, "it is always open"),
        ({"time_zone": {"column": "customers.zone"}}, "'customers' has no column 'zone'"),
        ({"country": {"column": "customers.created_at"}}, "'customers.created_at' is a column of type timestamp"),
        ({"hours": {"mon": "9-17"}}, "'9-17' is not a range of time"),
        ({"time_zone": "Europe/Berln"}, "there is no time zone 'Europe/Berln'"),
        ({"country": "XX"}, "there is no holiday calendar of 'XX'"),
    ],
)
def test_problems(more: dict[str, Any], message: str) -> None:
    document = copy.deepcopy(WithinHours.examples[0])
    document["tables"]["orders"]["behaviors"] = [opening(**more)]
    assert any(message in str(problem) for problem in datagen.check(document)), datagen.check(document)
