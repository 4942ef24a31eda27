"""The examples are sound: they pass the checks, and what they generate is what they declare."""

from __future__ import annotations

from pathlib import Path

import pytest

import datagen
from datagen.analysis import analyze_or_raise
from datagen.authoring.repair import Repair, repair
from datagen.validation.report.html import html_of

FILES = sorted((Path(__file__).parents[2] / "examples").glob("*.[jy]*"))
LARGE_BELOW_ONE_ROW = {"manufacturing_sensors_vintage"}
"""A row of its root table has some ten thousand rows below it, at every scale."""
LONG = {"iot_machine_states"}
"""Each of its machines goes through a thousand states."""
SMALL = [
    pytest.param(path, marks=[pytest.mark.slow] * (path.stem in LONG), id=path.stem)
    for path in FILES
    if path.stem not in LARGE_BELOW_ONE_ROW
]
SCORE = 95


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_passes_the_checks_and_repair_leaves_it_as_it_is(path: Path) -> None:
    """`repair` returns the problems that `check` finds."""
    text = path.read_text(encoding="utf-8")
    assert repair(text) == Repair(text, path.suffix == ".yaml", (), ())


def validated(path: Path, folder: Path, scale: float) -> datagen.Report:
    datagen.generate(path, folder, scale=scale)
    return datagen.validate(path, folder)


@pytest.mark.parametrize("path", SMALL)
def test_a_small_example_passes_every_constraint(path: Path, tmp_path: Path) -> None:
    report = validated(path, tmp_path / "out", 0.002)
    assert report.passed, [(f.table, f.column, f.message) for f in report.failed]
    assert html_of(report, analyze_or_raise(path)).startswith("<!doctype html>")


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_example_is_what_it_declares(path: Path, tmp_path: Path) -> None:
    report = validated(path, tmp_path / "out", 1)
    assert report.passed and report.score >= SCORE, [(f.table, f.column, f.message) for f in report.failed]
