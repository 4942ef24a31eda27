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


FLOATS: dict[str, dict[str, Any]] = {
    "shares": {"type": "uniform", "min": 0, "max": 1},
    "negative": {"type": "normal", "mean": -5, "sd": 3},
    "bounded": {"type": "normal", "mean": 0, "sd": 1, "min": -1, "max": 1},
    "tiny": {"type": "lognormal", "median": 1e-9, "sigma": 2},
    "huge": {"type": "pareto", "minimum": 1e12, "alpha": 1.5},
    "skewed": {"type": "gamma", "mean": 3, "shape": 0.3},
    "by_case": {
        "type": "case",
        "column": "kind",
        "cases": {"a": {"type": "exponential", "mean": 2}, "b": {"type": "beta", "a": 2, "b": 3}},
    },
}


def floats() -> dict[str, Any]:
    columns = {"id": {"type": "key"}, "kind": {"type": "choice", "values": ["a", "b"]}, **FLOATS}
    return {"datagen": 1, "name": "floats", "tables": {"things": {"rows": 3000, "columns": columns}}}


@pytest.fixture(scope="module")
def numbers(tmp_path_factory):
    return tables_of(datagen.generate(floats(), tmp_path_factory.mktemp("floats") / "made"))


def test_floats_have_the_digits_of_double_precision(numbers, tmp_path: Path) -> None:
    report = datagen.validate(floats(), written(*numbers, tmp_path / "out"))
    assert report.score == 100
    judged = {f.column for f in report.findings if f.subject == f"digits of {f.column}: share"}
    assert judged == set(FLOATS)


@pytest.mark.parametrize("lost", ["single precision", "7 digits"])
def test_floats_that_lost_their_digits_are_found(numbers, lost: str, tmp_path: Path) -> None:
    tables, schemas = numbers
    things = tables["things"].copy()
    half = things.index < len(things) // 2
    for column in FLOATS:
        cells = things[column].to_numpy()
        short = cells.astype(np.float32).astype(np.float64)
        if lost == "7 digits":
            short = np.array([float(f"{cell:.7g}") for cell in cells])
        things[column] = np.where(half, short, cells)
    report = datagen.validate(floats(), written({"things": things}, schemas, tmp_path / "out"))
    assert {column for _, column, name in named(report) if name == "Independence"} >= set(FLOATS)
