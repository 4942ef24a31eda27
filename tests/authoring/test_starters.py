"""Every starting point is valid, makes what it declares, and says what it shows."""

from __future__ import annotations

from pathlib import Path

import pytest

import datagen
from datagen.authoring.starters import Starter, starters

EACH = pytest.mark.parametrize("starter", starters().values(), ids=lambda one: one.name)


def test_there_are_twelve_fields() -> None:
    assert set(starters()) >= {
        "shop", "bank", "saas", "clinic", "logistics", "iot", "marketing", "education", "telco", "hr", "insurance",
        "payments",
    }  # fmt: skip


@EACH
def test_it_makes_what_it_declares(starter: Starter, tmp_path: Path) -> None:
    assert datagen.check(starter.text) == ()
    datagen.generate(starter.text, tmp_path / "out", scale=0.5)
    report = datagen.validate(starter.text, tmp_path / "out")
    assert report.passed, report.failed
    assert report.score >= 95, report.losses


@EACH
def test_it_says_what_it_shows_and_explains_its_parts(starter: Starter) -> None:
    first, second, *lines = starter.text.splitlines()
    assert first.startswith("# ") and second.startswith("# Shows: ") and second.endswith(".")
    assert sum("#" in line for line in lines) >= 1
    assert f"name: {starter.name}" in lines
