"""Every document of `tests/cases`, end to end: what `check` says of it, and what is generated is what was declared.

What else is right about one of them (values, counts, times) is tested where that is made.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
    "partial_hour_outage.yaml", "process_on_intervals.yaml",
    "short_window.json", "time-beyond-9999.json", "times-out-of-range-csv.json",
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


# --- documents like the cases, of other kinds -------------------------------------------------------------------------


KEY, BELOW, AT, BORN = ({"type": kind} for kind in ("key", "parent_key", "event_time", "arrival_time"))
MONTHLY = {"type": "events", "mean_per_month": 4}


def document(**tables: dict[str, Any]) -> dict[str, Any]:
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    return {"datagen": 1, "name": "sibling", "seed": 5, "window": window, "tables": tables}


def cells(**columns: Any) -> dict[str, Any]:
    return document(t={"rows": 20, "columns": {"id": KEY, **columns}})


def formula(expression: str, **columns: Any) -> dict[str, Any]:
    return cells(**columns, e={"type": "expression", "expression": expression})


def below(
    columns: Mapping[str, Any], rows: Mapping[str, Any] = MONTHLY, behaviors: Any = (), **more: Any
) -> dict[str, Any]:
    """Thirty entities that arrive, with behaviors, and rows below them."""
    above = {"rows": {"type": "arrivals", "count": 30}, "columns": {"id": KEY, "born": BORN}, "behaviors": [*behaviors]}
    return document(a=above, b={"parent": "a", "rows": rows, "columns": {"a": BELOW, **columns}, **more})


def aged(**curve: Any) -> dict[str, Any]:
    return below({"at": AT}, behaviors=[{"type": "vintage", "multiply": {"b": curve}}])


def chosen(behavior: dict[str, Any]) -> dict[str, Any]:
    made = below({"at": AT})
    made["tables"]["c"] = {
        "rows": {"type": "arrivals", "count": 9, "before_window": 0.8},
        "columns": {"id": KEY, "born": BORN},
        "behaviors": [behavior],
    }
    made["tables"]["b"]["columns"]["c"] = {"type": "reference", "table": "c", "existing_at": "at"}
    return made


TEN = {"type": "pattern", "pattern": "##########"}
NOT_MADE: dict[str, tuple[dict[str, Any], str]] = {
    "a delay of 7976 years": (
        below({"at": AT, "due": {"type": "after", "column": "at", "delay": "7976y", "after_window": "keep"}}),
        "b.columns.due.delay",
    ),
    "a delay as long as history": (
        below({"at": AT, "due": {"type": "after", "column": "at", "delay": {"type": "lognormal", "median": "5000y",
               "sigma": 1}, "after_window": "keep"}}),
        "b.columns.due",
    ),
    "an interval of millions of years": (
        formula("TIMESTAMP '2024-01-01 00:00:00' + INTERVAL '9000000000' DAY"), "t.columns.e.expression"
    ),
    "an instant before the year 1 in UTC": (
        cells(x={"type": "uniform", "min": "0001-01-01T00:00:00+00:01", "max": "2024-01-01"}), "t.columns.x.min"
    ),
    "a child of hidden columns": (
        below({"a": {**BELOW, "hidden": True}, "x": {"type": "uuid", "hidden": True}}), "b.columns"
    ),
    "a structure without fields": (cells(x={"type": "struct"}), "t.columns.x.fields"),
    "a reference of another name": (cells(x={"type": "foreign"}), "t.columns.x.type"),
    "a CAST to a date that is none": (
        formula("CAST(s AS DATE)", s={"type": "choice", "values": ["2024-02-30", "2024-01-01"]}),
        "t.columns.e.expression",
    ),
    "a CAST to too few digits": (
        formula("CAST(x AS DECIMAL(3, 1))", x={"type": "uniform", "min": 0, "max": 200, "decimals": 1}),
        "t.columns.e.expression",
    ),
    "a tail without a mean": (
        cells(x={"type": "pareto", "minimum": 1, "alpha": 0.1, "decimals": 6}), "t.columns.x.alpha"
    ),
    "numbers beyond 64 bits": (
        cells(x={"type": "uniform", "min": 4e15, "max": 9e18, "decimals": 0}), "t.columns.x.max"
    ),
    "a key of a parent and a category": (
        below({"kind": {"type": "choice", "values": ["x", "y"]}}, primary_key=["a", "kind"]), "b.primary_key"
    ),
    "a key of a parent and a day": (
        below({"at": AT, "day": {"type": "expression", "expression": "CAST(at AS DATE)"}}, primary_key=["a", "day"]),
        "b.primary_key",
    ),
    "a half-life of nothing": (aged(type="exponential", half_life=1e-300), "a.behaviors[0].multiply.b.half_life"),
    "a scale of nothing": (aged(type="power", exponent=-2, scale=1e-320), "a.behaviors[0].multiply.b.scale"),
    "a dispersion of nothing": (below({"at": AT}, {**MONTHLY, "dispersion": 1e-300}), "b.rows.dispersion"),
    "a dispersion without end": (below({"at": AT}, {**MONTHLY, "dispersion": 1e300}), "b.rows.dispersion"),
    "300 million children": (below({"x": TEN}, {"type": "per_parent", "count": 300_000_000}), "b.rows"),
    "a season of those that are chosen": (
        chosen({"type": "seasonality", "of": "b", "holidays": "US"}), "c.behaviors[0].of"
    ),
    "a trend of those that are chosen": (
        chosen({"type": "trend", "of": "b", "shape": "linear", "growth_per_year": 0.2}), "c.behaviors[0].of"
    ),
    "a width of two billion": (formula("LPAD(c, 2000000000, 'x')", c=TEN), "t.columns.e.expression"),
    "a text in place of none": (formula("REPLACE(c, '', c)", c=TEN), "t.columns.e.expression"),
}  # fmt: skip


@pytest.mark.parametrize("name", NOT_MADE)
def test_a_document_like_a_case_is_refused_at_its_place(name: str) -> None:
    made, place = NOT_MADE[name]
    assert f"$.tables.{place}" in {problem.place for problem in datagen.check(made)}


HIDDEN = {**KEY, "hidden": True}
SOUND_ONES: dict[str, dict[str, Any]] = {
    "hidden keys in two generations": document(
        a={"rows": 9, "columns": {"k": HIDDEN, "a_id": {"type": "uuid"}}},
        b={
            "parent": "a",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {
                "k": HIDDEN,
                "above": {**BELOW, "hidden": True},
                "a_id": {"type": "lookup", "through": "above", "column": "a_id"},
            },
        },
    ),
    "an e-mail from a grandparent": document(
        a={"rows": 9, "columns": {"id": KEY, "name": {"type": "person_name"}}},
        b={"parent": "a", "rows": {"type": "per_parent", "count": 2}, "columns": {"id": KEY, "a": BELOW}},
        c={
            "parent": "b",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {"b": BELOW, "mail": {"type": "email", "from": "a.name"}},
        },
    ),
    "an e-mail from a hidden person": cells(
        name={"type": "person", "hidden": True}, mail={"type": "email", "from": "name", "unique": True}
    ),
    "a frailty of those that are chosen": chosen({"type": "frailty", "of": ["b"], "dispersion": 0.5}),
    "months beyond the year 9999": formula("DATE '2024-01-01' + INTERVAL '100000' MONTH"),
    "a TRY_CAST of a word": formula("TRY_CAST(s AS BIGINT)", s={"type": "choice", "values": ["12", "x"]}),
    "powers beyond what floats hold": formula("POWER(10.0, id * 200) - POWER(10.0, id * 200)"),
    "a window of a microsecond": {
        **document(a={"rows": {"type": "arrivals", "count": 5}, "columns": {"id": KEY, "at": BORN}}),
        "window": {"start": "2024-01-01", "end": "2024-01-01T00:00:00.000001"},
    },
    "a window of odd seconds": {
        **below(
            {"at": AT},
            behaviors=[{"type": "seasonality", "of": "b", "hour": "office", "time_zone": "Australia/Eucla"}],
        ),
        "window": {"start": "2024-02-28T17:23:11", "end": "2024-04-02T04:44:59"},
    },
}  # fmt: skip


@pytest.mark.parametrize("name", SOUND_ONES)
def test_a_sound_document_like_a_case_is_made_and_recovered(name: str, tmp_path: Path) -> None:
    assert datagen.check(SOUND_ONES[name]) == ()
    datagen.generate(SOUND_ONES[name], tmp_path / "made")
    report = datagen.validate(SOUND_ONES[name], tmp_path / "made")
    assert report.passed and report.score >= SOUND
