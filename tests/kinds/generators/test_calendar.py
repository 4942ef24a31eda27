"""The years 1 to 9999 (UTC) are supported: what is known to lie outside is refused, what is computed
to be is missing.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datagen

CASES = Path(__file__).parents[2] / "cases"
WINDOW = {"start": "9890-01-01", "end": "9899-01-01"}


def document(delay: Any, window: Any = WINDOW, output: str = "parquet") -> dict[str, Any]:
    due = {"type": "after", "column": "at", "delay": delay, "after_window": "keep"}
    columns = {
        "id": {"type": "key"},
        "at": {"type": "arrival_time"},
        "due": due,
        "end": {**due, "column": "due", "delay": "2y"},
    }
    tables = {"t": {"rows": {"type": "arrivals", "count": 200}, "columns": columns}}
    return {"datagen": 1, "name": "late", "window": window, "tables": tables, "output": output}


@pytest.mark.parametrize("name", ["after_200000_years.json", "due_in_year_14899.yaml"])
def test_delays_that_lead_beyond_the_calendar_for_certain_are_refused(name: str) -> None:
    found = datagen.check(CASES / name)
    assert found and all("after the year 9999" in problem.message and problem.keys[-1] == "delay" for problem in found)


@pytest.mark.parametrize("delay", ["105y", {"type": "lognormal", "median": "100y", "sigma": 0.1}])
@pytest.mark.parametrize("output", ["parquet", "csv", "jsonl"])
def test_moments_computed_beyond_the_calendar_are_missing_in_every_format(
    delay: Any, output: str, tmp_path: Path
) -> None:
    made = document(delay, output=output)
    assert not datagen.check(made)
    datagen.generate(made, tmp_path)
    table = datagen.preview(made, rows=200)["t"]
    assert 0 < table["due"].null_count < table["end"].null_count < 200
    assert max(table["due"].drop_null().to_pylist()).year <= 9999
    report = datagen.validate(made, tmp_path)
    assert not [one for one in report.findings if one.group == "constraint" and one.verdict == "fail"]


def test_moments_that_stay_within_the_calendar_are_never_missing() -> None:
    made = document("5y", {"start": "2020-01-01", "end": "2024-01-01"})
    assert datagen.preview(made, rows=200)["t"]["end"].null_count == 0


def test_the_last_day_and_the_first_can_be_drawn_and_written(tmp_path: Path) -> None:
    datagen.generate(CASES / "last_day_of_9999.json", tmp_path / "last")
    assert datagen.validate(CASES / "last_day_of_9999.json", tmp_path / "last").passed
    columns = {"id": {"type": "key"}, "a": {"type": "uniform", "min": "0001-01-01", "max": "0001-01-02", "as": "date"}}
    first = {"datagen": 1, "name": "first", "tables": {"t": {"rows": 20, "columns": columns}}}
    datagen.generate(first, tmp_path / "first")
    assert datagen.validate(first, tmp_path / "first").passed


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:00:00-02:00"])
def test_instants_outside_the_calendar_in_utc_are_refused(text: str) -> None:
    columns = {"id": {"type": "key"}, "a": {"type": "uniform", "min": text, "max": text}}
    found = datagen.check({"datagen": 1, "name": "edge", "tables": {"t": {"rows": 20, "columns": columns}}})
    assert [problem.keys[-1] for problem in found] == ["min", "max"]
    assert all("years 1 to 9999" in problem.message for problem in found)
    assert "years 1 to 9999" in str(
        datagen.check({**document("1d"), "window": {"start": text, "end": "2024-01-01"}})[0]
    )


def test_the_case_before_year_1_is_refused() -> None:
    assert [problem.keys[-1] for problem in datagen.check(CASES / "before_year_1.json")] == ["min"]
