"""Every starting point is valid, makes what it declares, and says what it shows."""

from __future__ import annotations

import re
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


SHOWN = {
    "bank": "case sum_of per_parent",
    "clinic": "intervals opening_hours segments case seasonality nulls",
    "education": "events count_of reference case vintage seasonality retention",
    "hr": "reference case retention seasonality email",
    "insurance": "segments lognormal after interventions seasonality",
    "iot": "grid autoregressive seasonality vintage outliers nulls",
    "logistics": "case gamma seasonality interventions",
    "marketing": "segments events lognormal",
    "payments": "zipf case hawkes seasonality",
    "saas": "lifecycle periods seasonality",
    "shop": "arrivals segments vintage seasonality sum_of",
    "telco": "retention lognormal hawkes seasonality interventions",
}


@EACH
def test_the_kinds_that_its_second_line_speaks_of_are_in_it(starter: Starter) -> None:
    kinds = set(re.findall(r"type: (\w+)", starter.text))
    assert set(SHOWN[starter.name].split()) <= kinds
