"""Whatever an analyst would call a break lowers the score or fails a gate, and the report says where."""

from __future__ import annotations

import pytest

import datagen
from tests.quality.breaking_orders import BREAKS
from tests.quality.worlds import EXAMPLES, generated, named, tables_of, written

SCHEMA = EXAMPLES / "vintage_effects_demo.json"


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sound")
    tables, schemas = tables_of(generated("vintage_effects_demo", folder, 1.0))
    report = datagen.validate(SCHEMA, written(tables, schemas, folder / "flat"))
    return tables, schemas, report


def test_the_unbroken_dataset_scores_high(sound):
    """What the breaks are measured against."""
    report = sound[2]
    assert report.passed
    assert report.score >= 97


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_is_seen_and_named(sound, tmp_path, name):
    tables, schemas, unbroken = sound
    table, column, broken = BREAKS[name]
    report = datagen.validate(SCHEMA, written(broken(tables), schemas, tmp_path / "broken"))
    assert not report.passed or report.score <= unbroken.score - 1
    new = named(report) - named(unbroken)
    assert any(t == table and column in (None, c) for t, c, _ in new), new
