from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

import datagen
from tests.promises.documents import tables
from tests.validation.worlds import named, tables_of, written

day = dt.datetime.fromisoformat


def document(every: str, devices: object = 3, **window: str) -> dict:
    return {
        "datagen": 1,
        "name": "devices",
        "window": {"start": "2024-01-10", "end": "2024-04-10", **window},
        "tables": {
            "devices": {"rows": devices, "columns": {"device_id": {"type": "key"}}},
            "readings": {
                "parent": "devices",
                "rows": {"type": "grid", "every": every},
                "columns": {"device_id": {"type": "parent_key"}, "at": {"type": "event_time"}},
            },
        },
    }


def times(made: dict, device: int = 1) -> list[dt.datetime]:
    return [row["at"] for row in made["readings"].to_pylist() if row["device_id"] == device]


@pytest.mark.parametrize("every, first, count, step", [
    ("6h", day("2024-01-10"), 364, dt.timedelta(hours=6)),
    ("day", day("2024-01-10"), 91, dt.timedelta(days=1)),
    ("week", day("2024-01-15"), 13, dt.timedelta(days=7)),
])  # fmt: skip
def test_rows_come_at_every_step_of_the_window(every: str, first: dt.datetime, count: int, step: dt.timedelta) -> None:
    assert times(tables(document(every))) == [first + k * step for k in range(count)]


def test_months_begin_at_midnight_of_the_first() -> None:
    assert times(tables(document("month"))) == [day(f"2024-0{month}-01") for month in (2, 3, 4)]
    assert times(tables(document("quarter"))) == [day("2024-04-01")]


def test_no_row_comes_before_its_parent() -> None:
    made = document("7d", {"type": "arrivals", "count": 50})
    made["tables"]["devices"]["columns"]["since"] = {"type": "arrival_time"}
    rows = tables(made)
    since = {row["device_id"]: row["since"] for row in rows["devices"].to_pylist()}
    for row in rows["readings"].to_pylist():
        assert row["at"] >= since[row["device_id"]]
        assert (row["at"] - day("2024-01-10")) % dt.timedelta(days=7) == dt.timedelta(0)
    first = {device: min(times(rows, device), default=None) for device in since}
    assert all(one is None or one - since[device] < dt.timedelta(days=7) for device, one in first.items())


def test_a_grid_needs_a_window() -> None:
    made = document("1h")
    del made["window"]
    assert [problem.code for problem in datagen.check(made)] == ["missing"]


def test_the_time_of_a_step_is_a_key_below_the_parent() -> None:
    """One row per month per contract."""
    made = document("month")
    made["tables"]["readings"]["primary_key"] = ["device_id", "at"]
    assert datagen.check(made) == ()
    made["tables"]["readings"]["rows"] = {"type": "events", "mean_per_month": 3}
    assert [problem.code for problem in datagen.check(made)] == ["primary-key"]


def test_validation_finds_missing_rows_and_times_before_the_window(tmp_path: Path) -> None:
    made = document("day", devices=50)
    value = {"type": "lognormal", "median": 4, "sigma": 1, "decimals": 1}
    made["tables"]["readings"]["columns"]["value"] = value
    sound, schemas = tables_of(datagen.generate(made, tmp_path / "made"))
    assert datagen.validate(made, tmp_path / "made").score == 100
    readings = sound["readings"]
    missing = written(sound | {"readings": readings[5:]}, schemas, tmp_path / "missing")
    assert ("devices", None, "CardinalityBoundaryAdherence") in named(datagen.validate(made, missing))
    early = readings.assign(at=readings["at"] - dt.timedelta(days=300))
    report = datagen.validate(made, written(sound | {"readings": early}, schemas, tmp_path / "early"))
    assert ("readings", "at", "BoundaryAdherence") in named(report)
