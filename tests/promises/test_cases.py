"""Every document of `tests/cases`, end to end: what `check` says of it, and what is generated is what was declared.

What else is right about one of them (values, counts, times) is tested where that is made.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import datagen
from datagen.errors import DatagenError

CASES = Path(__file__).parents[1] / "cases"
SOUND = 95.0

REFUSED = {
    "after_200000_years.json": ("$.tables.c.columns.a.delay", "$.tables.c.columns.b.delay"),
    "all_hidden.yaml": ("$.tables.a.columns",),
    "before_year_1.json": ("$.tables.t.columns.a.min",),
    "cannot_say.yaml": ("$.tables.orders.columns.address.type", "$.tables.orders.columns.tags.type"),
    "cast-of-a-word.json": ("$.tables.t.columns.e.expression",),
    "cast-too-small.json": ("$.tables.t.columns.e.expression",),
    "clipped_minor_units.json": ("$.tables.t.columns.x",),
    "composite_key_not_unique.yaml": ("$.tables.lines.primary_key",),
    "decay.json": ("$.tables.p.behaviors[0].multiply.c.after",),
    "dispersion.json": ("$.tables.c.rows.dispersion",),
    "due_in_year_14899.yaml": ("$.tables.people.columns.due.delay",),
    "high_rate.json": ("$.tables.orders.rows",),
    "one_large_parent.yaml": ("$.tables.ev.rows",),
    "primary_key_of_two_values.json": ("$.tables.t.primary_key",),
    "row_reference_ignored.yaml": ("$.tables.drivers.behaviors[2].effects[0]",),
    "sum_of_large_counts.yaml": ("$.tables.a.columns.total_units.expression",),
    "text-doubles.json": ("$.tables.t.columns.c17.expression",),
    "uniform_clamped.yaml": ("$.tables.orders.columns.score",),
}
"""Documents with problems: where."""

MADE = (
    "age_steps.yaml", "cloud_address.yaml", "correlated_columns.yaml", "date-wraps.json",
    "decimal-product.yaml", "distinct_subsets.yaml", "email_from_parent.json", "email_hidden.json",
    "existing-at-the-microsecond.yaml", "float-overflow.yaml", "gaps_across_breaks.yaml", "half_hour_zone.yaml",
    "hidden_key.yaml", "keys_of_any_type.yaml", "last_day_of_9999.json", "names_with_letters.yaml",
    "partial_hour_outage.yaml", "short_window.json", "time-beyond-9999.json", "times-out-of-range-csv.json",
    "triggered_conversions.yaml",
    "window-at-one-o-clock.yaml", "zipf_existing_at.yaml",
)  # fmt: skip
"""Documents without problems."""


@pytest.mark.parametrize("name", REFUSED)
def test_a_problem_is_reported_at_its_place_by_check_and_nothing_is_made(name: str, tmp_path: Path) -> None:
    assert tuple(sorted({problem.place for problem in datagen.check(CASES / name)})) == REFUSED[name]
    with pytest.raises(DatagenError):
        datagen.generate(CASES / name, tmp_path / "made")
    assert not list(tmp_path.rglob("*.parquet"))


@pytest.mark.parametrize("name", MADE)
def test_what_passes_check_is_planned_made_and_recovered(name: str, tmp_path: Path) -> None:
    assert datagen.check(CASES / name) == ()
    datagen.plan(CASES / name)
    datagen.generate(CASES / name, tmp_path / "made")
    report = datagen.validate(CASES / name, tmp_path / "made")
    assert report.passed
    assert report.score >= SOUND, [f"{f.subject}: {f.message}" for f in report.findings if f.verdict == "not recovered"]


def test_every_case_says_what_is_expected_of_it() -> None:
    assert {path.name for path in CASES.iterdir()} == {*REFUSED, *MADE}
