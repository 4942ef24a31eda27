"""Wide tables cost as much per column as narrow ones."""

from __future__ import annotations

import time
from typing import Any

import pytest

import datagen


def wide(count: int) -> dict[str, Any]:
    """A table of columns of laws, categories, numbers and expressions, no two laws alike."""
    columns: dict[str, Any] = {"id": {"type": "key"}}
    for number in range(0, count, 4):
        columns[f"a{number}"] = {"type": "normal", "mean": number, "sd": 2, "decimals": 2, "precision": 9}
        columns[f"b{number}"] = {"type": "choice", "values": ["a", "b"]}
        columns[f"c{number}"] = {"type": "uniform", "min": 0, "max": 9, "decimals": 0}
        columns[f"d{number}"] = {"type": "expression", "expression": f"c{number} + {number}"}
    return {"datagen": 1, "name": "wide", "tables": {"t": {"rows": 3, "columns": columns}}}


def seconds(count: int, folder: Any) -> float:
    begin = time.process_time()
    datagen.generate(wide(count), folder / str(count))
    return time.process_time() - begin


def test_time_grows_with_the_number_of_columns_and_no_faster(tmp_path: Any) -> None:
    seconds(40, tmp_path)
    few, many = seconds(400, tmp_path), seconds(1600, tmp_path)
    assert many < 8 * few + 0.5


def test_time_to_validate_grows_with_the_number_of_columns_and_no_faster(tmp_path: Any) -> None:
    def validating(count: int) -> float:
        datagen.generate(wide(count), tmp_path / str(count))
        begin = time.process_time()
        assert datagen.validate(wide(count), tmp_path / str(count)).score == 100
        return time.process_time() - begin

    validating(40)
    few, many = validating(100), validating(600)
    assert many < 12 * few + 0.5


@pytest.mark.slow
def test_twenty_thousand_columns_take_less_than_ten_seconds(tmp_path: Any) -> None:
    begin = time.process_time()
    assert datagen.check(wide(20_000)) == ()
    checked = time.process_time() - begin
    made = seconds(20_000, tmp_path)
    assert max(checked, made) < 10
