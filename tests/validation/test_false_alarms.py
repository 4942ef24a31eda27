"""What is sound is not called broken: large amounts, and signs on columns that they do not fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.validation.realism.base import apart


def document(rows: int = 2000, **columns: Any) -> dict[str, Any]:
    columns = {"row_id": {"type": "key"}, **columns}
    return {"datagen": 1, "name": "sound", "seed": 3, "tables": {"rows_": {"rows": rows, "columns": columns}}}


@pytest.mark.parametrize(
    ("mean", "decimals"), [(5e10, 2), (4.4e13, 2), (4e9, 2), (3e9, 6), (4e15, 0), (4e6, 9), (1e12, 3)]
)  # fmt: skip
def test_large_amounts_are_of_their_type_and_not_missing(tmp_path: Path, mean: float, decimals: int) -> None:
    """A float64 of 16 figures is the number nearest to a decimal, though not within a thousandth of a minor unit."""
    amount = {"type": "normal", "mean": mean, "sd": mean / 7, "min": mean / 100, "decimals": decimals}
    datagen.generate(document(amount=amount), tmp_path / "out")
    report = datagen.validate(document(amount=amount), tmp_path / "out")
    assert [f"{f.measure}: {f.message}" for f in report.failed] == []
    assert report.score == 100


@pytest.mark.parametrize("number", [0.5197, 0.51999, 0.5203, 0.52])
def test_a_number_beside_its_limit_is_distinguished_from_it(number: float) -> None:
    words = float(apart(number, 0.52, 2))
    assert (words < 0.52, words > 0.52) == (number < 0.52, number > 0.52)


def test_a_cost_per_piece_needs_no_tail_and_a_foreign_key_no_nulls(tmp_path: Path) -> None:
    uniform = {"type": "uniform", "min": 9, "max": 30, "decimals": 2}
    nulls = [{"type": "nulls", "share": 0.2}]
    schema = document(
        4000, replacement_cost=uniform, unit_cost=uniform, rental_fee=uniform,
        store_id={"type": "uniform", "min": 1, "max": 9, "decimals": 0, "modifiers": nulls},
    )  # fmt: skip
    datagen.generate(schema, tmp_path / "out")
    signs = {(f.measure, f.column) for f in datagen.validate(schema, tmp_path / "out").findings if f.group == "realism"}
    assert not signs & {("MoneyTail", name) for name in ("replacement_cost", "unit_cost", "rental_fee")}
    assert not {measure for measure, column in signs if column == "store_id"}


@pytest.mark.parametrize("rows", [2, 20, 300])
def test_realism_takes_nothing_from_a_small_sound_document(tmp_path: Path, rows: int) -> None:
    schema = document(
        rows, kind={"type": "choice", "values": {"a": 1, "b": 1, "c": 1}},
        amount={"type": "normal", "mean": 50, "sd": 5, "decimals": 2},
    )  # fmt: skip
    schema["window"] = {"start": "2024-01-01", "end": "2024-03-01"}
    schema["tables"]["visits"] = {
        "parent": "rows_", "rows": {"type": "events", "mean_per_month": 3},
        "columns": {"visit_id": {"type": "key"}, "row_id": {"type": "parent_key"}, "at": {"type": "event_time"}},
    }  # fmt: skip
    for seed in range(4):
        datagen.generate(schema, tmp_path / str(seed), seed=seed)
        report = datagen.validate(schema, tmp_path / str(seed))
        assert report.passed
        assert report.score == 100


def visited(people: dict[str, Any], *behaviors: dict[str, Any]) -> dict[str, Any]:
    """People who arrive in a year and, from then on, visit once a month."""
    visits = {"visit_id": {"type": "key"}, "person_id": {"type": "parent_key"}, "at": {"type": "event_time"}}
    rows = {"type": "events", "mean_per_month": 1}
    return {
        "datagen": 1, "name": "visited", "seed": 3, "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "people": {"rows": {"type": "arrivals", "count": 60}, "columns": {"person_id": {"type": "key"}, **people}},
            "visits": {"parent": "people", "rows": rows, "behaviors": list(behaviors), "columns": visits},
        },
    }  # fmt: skip


@pytest.mark.parametrize(
    "people",
    [
        {},
        {"kind": {"type": "choice", "values": {"a": 1, "b": 2}}},
        {"born": {"type": "arrival_time", "modifiers": [{"type": "nulls", "share": 0.5}]}},
    ],
)
def test_a_rate_is_not_judged_where_no_column_shows_since_when_it_holds(tmp_path: Path, people: dict[str, Any]) -> None:
    schema = visited(people)
    datagen.generate(schema, tmp_path / "out")
    report = datagen.validate(schema, tmp_path / "out")
    assert report.score == 100
    assert {f.verdict for f in report.findings if f.measure == "RateRecovery"} == {"not applicable"}


@pytest.mark.parametrize("sd", [0.3, 1.0, 2.0])
def test_good_and_bad_days_are_no_clumps(tmp_path: Path, sd: float) -> None:
    """What daily noise does to the gaps between events is not held against their law."""
    schema = visited({"born": {"type": "arrival_time"}}, {"type": "noise", "rho": 0.6, "sd": sd})
    datagen.generate(schema, tmp_path / "out")
    report = datagen.validate(schema, tmp_path / "out")
    assert not [f for f in report.findings if f.measure == "GapRecovery" and f.verdict == "not recovered"]


def spent(amount: dict[str, Any], *behaviors: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What people spend on their visits."""
    schema = visited({"born": {"type": "arrival_time"}}, *behaviors)
    schema["tables"]["visits"]["columns"] |= {**more, "amount": amount}
    return schema


PLAN = {"type": "choice", "values": {"basic": 60, "plus": 28, "pro": 12}}
SMOOTH = {"type": "lognormal", "median": 20, "sigma": 0.8, "decimals": 2}


@pytest.mark.parametrize(
    "schema",
    [
        spent(SMOOTH, {"type": "seasonality", "of": "amount", "weekday": [0, 0, 3, 1.5, 0.5, 7, 20]}),
        spent(SMOOTH, {"type": "seasonality", "of": "amount", "weekday": {"mon": 0.001, "sun": 0.01}}),
        spent(SMOOTH, {"type": "segments", "column": "plan", "multiply": {"pro": {"visits.amount": 0}}}, plan=PLAN),
    ],
)
def test_amounts_multiplied_by_nothing_are_no_breaks(tmp_path: Path, schema: dict[str, Any]) -> None:
    datagen.generate(schema, tmp_path / "out")
    report = datagen.validate(schema, tmp_path / "out")
    assert report.passed and report.score >= 95


@pytest.mark.parametrize("decimals", [0, 1, 4])
def test_decimals_that_differ_by_case_are_declared(tmp_path: Path, decimals: int) -> None:
    cases = {name: {**SMOOTH, "median": 900} for name in ("basic", "pro")} | {
        "plus": {**SMOOTH, "median": 3000, "decimals": decimals}
    }
    schema = spent({"type": "case", "column": "plan", "cases": cases}, plan=PLAN)
    datagen.generate(schema, tmp_path / "out")
    report = datagen.validate(schema, tmp_path / "out")
    assert report.passed and report.score >= 95


def test_a_count_of_references_depends_on_the_columns_that_the_references_read(tmp_path: Path) -> None:
    """A judge appointed late hears fewer cases. The table of the judges does not say so by itself."""
    delay = {"type": "uniform", "min": "9y", "max": "12y"}
    judges = {
        "judge_id": {"type": "key"},
        "appointed_at": {"type": "uniform", "min": "2020-01-01", "max": "2024-06-01"},
        "retires_at": {"type": "after", "column": "appointed_at", "delay": delay},
        "heard": {"type": "count_of", "table": "cases", "through": "judge_id"},
    }  # fmt: skip
    valid = {"from": "appointed_at", "to": "retires_at", "at": "filed_at"}
    cases = {
        "case_id": {"type": "key"},
        "filed_at": {"type": "arrival_time"},
        "judge_id": {"type": "reference", "table": "judges", "valid": valid},
    }
    schema = {
        "datagen": 1, "name": "court", "seed": 3, "window": {"start": "2021-01-01", "end": "2025-01-01"},
        "tables": {
            "judges": {"rows": 400, "columns": judges},
            "cases": {"rows": {"type": "arrivals", "count": 8000}, "columns": cases},
        },
    }  # fmt: skip
    datagen.generate(schema, tmp_path / "out")
    report = datagen.validate(schema, tmp_path / "out")
    assert [
        f"{f.measure}: {f.message}" for f in report.findings if f.group == "dependence" and f.verdict == "fail"
    ] == []
    assert report.score == 100


def test_who_is_chosen_may_change_with_time_where_entities_come_and_go(tmp_path: Path) -> None:
    """Drivers are hired, age and leave, so a ride refers to others later on, also without `existing_at`."""
    behaviors = [
        {"type": "retention", "of": ["rides"], "lifetime": {"type": "exponential", "mean": 9}},
        {"type": "vintage", "multiply": {"rides": [3, 2, 1]}},
    ]
    drivers = {"driver_id": {"type": "key"}, "hired_at": {"type": "arrival_time"}}
    rides = {
        "ride_id": {"type": "key"}, "rider_id": {"type": "parent_key"}, "at": {"type": "event_time"},
        "driver_id": {"type": "reference", "table": "drivers"},
    }  # fmt: skip
    schema = {
        "datagen": 1, "name": "rides", "seed": 3, "window": {"start": "2023-01-01", "end": "2025-01-01"},
        "tables": {
            "drivers": {
                "rows": {"type": "arrivals", "count": 100, "before_window": 0.6}, "columns": drivers,
                "behaviors": behaviors,
            },
            "riders": {"rows": 200, "columns": {"rider_id": {"type": "key"}}},
            "rides": {"parent": "riders", "rows": {"type": "events", "mean_per_month": 4}, "columns": rides},
        },
    }  # fmt: skip
    datagen.generate(schema, tmp_path / "out")
    report = datagen.validate(schema, tmp_path / "out")
    assert report.score == 100, [(f.measure, f.message) for f in report.findings if f.verdict == "fail"]


def test_multiplied_successes_are_judged_within_their_trials(tmp_path: Path) -> None:
    opened = {"type": "binomial", "trials": 10, "share": 0.4}
    more = {"type": "segments", "column": "plan", "multiply": {"basic": {"visits.amount": 1.4}}}
    schema = spent(opened, more, plan=PLAN)
    datagen.generate(schema, tmp_path / "out", scale=10)
    report = datagen.validate(schema, tmp_path / "out")
    assert report.score == 100
    judged = {f.measure for f in report.findings if f.column == "amount" and f.verdict in ("pass", "recovered")}
    assert {"KSComplement", "ValueFactorRecovery"} <= judged


@pytest.mark.parametrize("effect", [0, 0.001, 100])
def test_an_experiment_with_an_extreme_effect_is_recovered_or_not_identifiable(tmp_path: Path, effect: float) -> None:
    """The treated have almost all of the rows, or almost none. The effect begins within a month."""
    arms = {"control": {}, "treated": {"multiply": {"visits": effect, "visits.amount": effect}}}
    schema = spent(SMOOTH)
    people, visits = (schema["tables"][name] for name in ("people", "visits"))
    people["rows"] |= {"count": 200, "before_window": 0.6}
    people["behaviors"] = [{"type": "experiment", "name": "trial", "arms": arms, "column": "arm"}]
    people["behaviors"][0] |= {"start": "2024-02-01", "end": "2024-05-01"}
    visits["rows"]["mean_per_month"] = 0.6 if effect > 1 else 9
    schema["window"]["end"] = "2024-07-01"
    for seed in (1, 2):
        datagen.generate(schema, tmp_path / "out", seed=seed, overwrite=True)
        report = datagen.validate(schema, tmp_path / "out")
        assert report.score == 100, [(f.subject, f.message) for f in report.findings if f.verdict != "pass"]


def lent(target: str) -> dict[str, Any]:
    """Copies are lent to members; `target` is what the kind of the member multiplies."""
    members = {
        "member_id": {"type": "key"},
        "kind": {"type": "choice", "values": {"student": 3, "adult": 7}},
        "borrowed": {"type": "count_of", "table": "loans", "through": "member_id"},
        "longest": {"type": "max_of", "table": "loans", "through": "member_id", "expression": "pages"},
    }  # fmt: skip
    loans = {
        "loan_id": {"type": "key"}, "copy_id": {"type": "parent_key"}, "lent_at": {"type": "event_time"},
        "member_id": {"type": "reference", "table": "members"},
        "pages": {"type": "lognormal", "median": 200, "sigma": 0.4, "decimals": 0},
    }  # fmt: skip
    more = {"type": "segments", "column": "kind", "multiply": {"student": {target: 4}}}
    return {
        "datagen": 1, "name": "library", "seed": 3, "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "members": {"rows": 1500, "columns": members, "behaviors": [more]},
            "copies": {"rows": 800, "columns": {"copy_id": {"type": "key"}}},
            "loans": {"parent": "copies", "rows": {"type": "events", "mean_per_month": 1}, "columns": loans},
        },
    }  # fmt: skip


@pytest.mark.parametrize("target", ["loans", "loans.pages"])
def test_a_count_of_references_depends_on_what_behaviors_of_the_chosen_row_read(tmp_path: Path, target: str) -> None:
    """Students are chosen more often, or their loans are longer, so their totals differ."""
    datagen.generate(lent(target), tmp_path / "out")
    report = datagen.validate(lent(target), tmp_path / "out")
    assert [(f.measure, f.message) for f in report.findings if f.verdict == "fail" and f.group == "dependence"] == []
    assert report.score == 100


def handled(note: dict[str, Any]) -> dict[str, Any]:
    """Complaints that are handled in two stages, with a note at each."""
    stages = {"received": {"share": 0.6}, "closed": {}}
    steps = {
        "complaint_id": {"type": "parent_key"}, "stage": {"type": "row_attribute", "attribute": "state"},
        "entered_at": {"type": "row_attribute", "attribute": "entered_at"}, "note": note,
    }  # fmt: skip
    complaints = {
        "complaint_id": {"type": "key"}, "filed_at": {"type": "arrival_time"},
        "topic": {"type": "choice", "values": {"noise": 3, "waste": 1}},
        "street": {"type": "choice", "values": {"paved": 2, "dirt": 1}},
    }  # fmt: skip
    return {
        "datagen": 1, "name": "desk", "seed": 3, "window": {"start": "2024-01-01", "end": "2025-01-01"},
        "tables": {
            "complaints": {
                "rows": {"type": "arrivals", "count": 4000}, "columns": complaints,
                "processes": {"handling": {"type": "funnel", "stay": "2d", "stages": stages}},
            },
            "steps": {"parent": "complaints", "rows": {"type": "stays", "process": "handling"}, "columns": steps},
        },
    }  # fmt: skip


NOTE = {"type": "choice", "values": {"ok": 5, "late": 2}}
BY_STAGE = {"type": "nulls", "by": "stage", "shares": {"received": 0.6}, "share": 0.1}


@pytest.mark.parametrize(("nulls", "made_up"), [(BY_STAGE, False), ({"type": "nulls", "share": 0.3}, True)])
def test_missing_cells_may_depend_on_the_state_of_a_process(
    tmp_path: Path, nulls: dict[str, Any], made_up: bool
) -> None:
    schema = handled({**NOTE, "modifiers": [nulls]})
    datagen.generate(schema, tmp_path / "out")
    found = [f for f in datagen.validate(schema, tmp_path / "out").findings if f.table == "steps"]
    assert {f.verdict for f in found if f.measure == "RandomNulls"} == {"fail" if made_up else "pass"}


BY_WEIGHTS = {
    "type": "conditional_choice", "by": "stage", "weights": {"received": {"ok": 1}}, "default": {"ok": 1, "late": 2}
}  # fmt: skip


@pytest.mark.parametrize(("note", "made_up"), [(BY_WEIGHTS, False), (NOTE, True)])
def test_a_column_may_depend_on_the_state_of_a_process(tmp_path: Path, note: dict[str, Any], made_up: bool) -> None:
    datagen.generate(handled(note), tmp_path / "out")
    found = [f for f in datagen.validate(handled(note), tmp_path / "out").findings if f.table == "steps"]
    assert {f.verdict for f in found if f.measure == "IndependentColumns"} == {"fail" if made_up else "pass"}


def test_who_takes_part_in_an_experiment_is_random_by_design(tmp_path: Path) -> None:
    schema = visited({"born": {"type": "arrival_time"}, "kind": {"type": "choice", "values": {"a": 1, "b": 3}}})
    people = schema["tables"]["people"]
    arms = {"control": {}, "treated": {"multiply": {"visits": 1.3}}}
    people["rows"]["count"] = 4000
    people["behaviors"] = [{"type": "experiment", "name": "trial", "traffic": 0.6, "arms": arms, "column": "arm"}]
    datagen.generate(schema, tmp_path / "out")
    found = datagen.validate(schema, tmp_path / "out").findings
    assert not [f for f in found if f.measure == "RandomNulls" and f.verdict == "fail"]
