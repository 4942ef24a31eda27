"""Validation takes as long as there are tables and columns, not as pairs of them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import datagen

KEY = {"type": "key"}


def chain(count: int) -> dict[str, Any]:
    """Tables that each refer to the one before and look up what that one has looked up."""
    tables: dict[str, Any] = {"t0": {"rows": 3, "columns": {"id": KEY, "x": {"type": "uniform", "min": 0, "max": 9}}}}
    for number in range(1, count + 1):
        reference = {"type": "reference", "table": f"t{number - 1}"}
        looked_up = {"type": "lookup", "through": "r", "column": "x"}
        tables[f"t{number}"] = {"rows": 3, "columns": {"id": KEY, "r": reference, "x": looked_up}}
    return {"datagen": 1, "name": "chain", "tables": tables}


def seconds(count: int, folder: Path) -> float:
    datagen.generate(chain(count), folder / str(count))
    begin = time.process_time()
    report = datagen.validate(chain(count), folder / str(count))
    assert report.passed and report.score == 100
    return time.process_time() - begin


def test_chained_lookups_are_validated_in_a_time_that_grows_with_their_number(tmp_path: Path) -> None:
    seconds(10, tmp_path)
    few, many = seconds(25, tmp_path), seconds(125, tmp_path)
    assert many < 10 * few + 0.5


@pytest.mark.slow
def test_nine_hundred_chained_lookups_are_validated_in_seconds(tmp_path: Path) -> None:
    assert seconds(900, tmp_path) < 20
