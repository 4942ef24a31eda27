"""Last digits are judged where the law decides them, and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import datagen
from tests.validation.worlds import named, tables_of, written


def document(**distribution: Any) -> dict[str, Any]:
    columns = {"id": {"type": "key"}, "x": {"decimals": 0, **distribution}}
    return {"datagen": 1, "name": "digits", "tables": {"things": {"rows": 30_000, "columns": columns}}}


@pytest.mark.parametrize(
    "distribution",
    [
        {"type": "log_uniform", "min": 1, "max": 3000},
        {"type": "gamma", "mean": 3000, "shape": 0.2},
        {"type": "weibull", "scale": 100, "shape": 0.4},
        {"type": "beta", "a": 0.5, "b": 0.5, "decimals": 2},
    ],
)
def test_laws_with_much_mass_on_few_numbers_are_no_false_alarm(distribution: dict[str, Any], tmp_path: Path) -> None:
    datagen.generate(document(**distribution), tmp_path / "out")
    assert datagen.validate(document(**distribution), tmp_path / "out").score == 100


def test_a_seventh_of_the_rows_rounded_to_tens_is_found(tmp_path: Path) -> None:
    made = document(type="lognormal", median=400, sigma=0.5, decimals=0)
    tables, schemas = tables_of(datagen.generate(made, tmp_path / "made"))
    things = tables["things"]
    tables["things"] = things.assign(x=np.where(things.index < 4300, things["x"] // 10 * 10, things["x"]))
    report = datagen.validate(made, written(tables, schemas, tmp_path / "out"))
    assert report.score < 100
    assert ("things", "x", "Independence") in named(report)
