"""Whatever an analyst would call a break lowers the score or fails a constraint, and the report says where."""

from __future__ import annotations

import pytest

import datagen
from tests.validation import breaking_lines, breaking_orders
from tests.validation.worlds import EXAMPLES, named, tables_of, written

BREAKS = {
    **{("vintage_effects_demo", name): made for name, made in breaking_orders.BREAKS.items()},
    **{("shop", name): made for name, made in breaking_lines.BREAKS.items()},
}
FAST = list(BREAKS)[::3]
"""A third of them runs every time."""
SCALES = {"vintage_effects_demo": 0.15, "shop": 0.1}


@pytest.fixture(scope="session")
def sound(tmp_path_factory):
    """Tables, their schemas and the report on them, by example; made when first asked for."""
    made = {}

    def world(name):
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            source = EXAMPLES / f"{name}.json"
            tables, schemas = tables_of(datagen.generate(source, folder / "made", scale=SCALES[name]))
            made[name] = tables, schemas, datagen.validate(source, written(tables, schemas, folder / "flat"))
        return made[name]

    return world


@pytest.mark.parametrize("example", SCALES)
def test_the_unbroken_dataset_scores_high(sound, example):
    """What the breaks are measured against."""
    report = sound(example)[2]
    assert report.passed
    assert report.score >= 97


@pytest.mark.parametrize(("example", "name"), FAST)
def test_a_break_is_seen_and_named(sound, tmp_path, example, name):
    assert_seen(sound, tmp_path, example, name)


@pytest.mark.slow
@pytest.mark.parametrize(("example", "name"), [one for one in BREAKS if one not in FAST])
def test_every_other_break_is_seen_and_named(sound, tmp_path, example, name):
    assert_seen(sound, tmp_path, example, name)


def assert_seen(sound, tmp_path, example, name):
    tables, schemas, unbroken = sound(example)
    table, column, broken = BREAKS[example, name]
    folder = written(broken(tables), schemas, tmp_path / "broken")
    report = datagen.validate(EXAMPLES / f"{example}.json", folder)
    assert not report.passed or report.score <= unbroken.score - 1
    new = named(report) - named(unbroken)
    assert any(t == table and column in (None, c) for t, c, _ in new), new
