"""Documents at the edge: tables without rows, windows off the hour, rates that run away, processes within processes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import datagen
from datagen.errors import PlanError
from tests.promises.invariants import whole

KEY = {"type": "key"}
Json = dict[str, Any]


def windowed(window: tuple[str, str], **tables: Json) -> Json:
    return {"datagen": 1, "name": "odd", "window": {"start": window[0], "end": window[1]}, "tables": tables}


def made(document: Json, **choices: Any) -> dict[str, pa.Table]:
    assert datagen.check(document) == ()
    return whole(datagen.plan(document, **choices))


def micros(table: pa.Table, column: str) -> np.ndarray:
    return np.asarray(table[column].cast(pa.int64()))


YEAR = ("2024-01-01", "2025-01-01")


@pytest.mark.parametrize("rows", [0, {"type": "arrivals", "mean_per_year": 0.0001}])
def test_keys_of_a_table_without_rows_are_missing_and_may_be(rows):
    words = {"id": KEY, "word": {"type": "person_name"}, "grade": {"type": "choice", "values": ["a", "b"]}}
    lines = {
        "id": KEY,
        "word_id": {
            "type": "reference",
            "table": "words",
            "popularity": {"type": "zipf"},
            "null_share": int(rows == 0),
        },
        "word": {"type": "lookup", "through": "word_id", "column": "word"},
        "grade": {"type": "lookup", "through": "word_id", "column": "grade"},
    }
    table = made(windowed(YEAR, words={"rows": rows, "columns": words}, lines={"rows": 5, "columns": lines}))["lines"]
    for name in ("word_id", "word", "grade"):
        assert table[name].null_count == 5 and table.schema.field(name).nullable


def test_a_scale_leaves_every_table_a_row():
    document = windowed(YEAR, few={"rows": 3, "columns": {"id": KEY}}, none={"rows": 0, "columns": {"id": KEY}})
    tables = made(document, scale=0.001)
    assert [tables[name].num_rows for name in ("few", "none")] == [1, 0]


def test_distinct_choices_end_with_what_there_is_to_choose_from():
    """No row without a key: a parent has no more rows than the other table."""
    links = {"order_id": {"type": "parent_key"}, "tag_id": {"type": "reference", "table": "tags", "distinct": True}}
    document = windowed(
        YEAR,
        tags={"rows": 4, "columns": {"tag_id": KEY}},
        orders={"rows": 50, "columns": {"order_id": KEY}},
        links={
            "parent": "orders",
            "primary_key": ["order_id", "tag_id"],
            "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 3}},
            "columns": links,
        },
    )
    table = made(document)["links"]
    assert table["tag_id"].null_count == 0
    assert table.group_by(["order_id", "tag_id"]).aggregate([]).num_rows == table.num_rows
    assert np.bincount(table["order_id"].to_numpy()).max() == 4


@pytest.mark.parametrize("end", ["2024-01-01T10:50:30", "2024-01-01T13:20:30"])
def test_arrivals_keep_to_a_window_that_is_not_on_the_hour(end):
    """Those before the window come before it, those within it within it, evenly as chance has it, and none piles up at
    its end.
    """
    rows = {"type": "arrivals", "count": 4000, "before_window": 0.5, "history": "100min"}
    document = windowed(
        ("2024-01-01T10:20:30", end), people={"rows": rows, "columns": {"id": KEY, "at": {"type": "arrival_time"}}}
    )
    at = micros(made(document)["people"], "at")
    start, stop = (np.datetime64(text, "us").astype(np.int64) for text in ("2024-01-01T10:20:30", end))
    assert (np.diff(at) >= 0).all()
    assert (at[:2000] < start).all() and (at[:2000] >= start - 100 * 60_000_000).all()
    assert (at[2000:] >= start).all() and (at[2000:] < stop).all()
    share = (at[2000:] - start) / (stop - start)
    assert np.abs(np.sort(share) - (np.arange(2000) + 0.5) / 2000).max() < 2 / 2000**0.5


def test_existing_entities_are_known_in_a_window_off_the_hour():
    document = windowed(
        ("2024-01-01T10:20:30", "2024-01-01T12:10:00"),
        people={"rows": {"type": "arrivals", "count": 300}, "columns": {"id": KEY, "at": {"type": "arrival_time"}}},
        visits={
            "parent": "people",
            "rows": {"type": "events", "mean_per_hour": 5},
            "columns": {
                "id": KEY,
                "at": {"type": "event_time"},
                "met_id": {"type": "reference", "table": "people", "existing_at": "at"},
            },
        },
    )
    tables = made(document)
    visits = tables["visits"].drop_null()
    met = visits["met_id"].to_numpy() - 1
    born = micros(tables["people"], "at")
    assert (born[met] <= micros(visits, "at")).all()
    latest = np.searchsorted(born, micros(visits, "at"))
    assert abs(float((met / np.maximum(latest, 1)).mean()) - 0.5) < 0.05


def test_events_come_after_their_parent_whatever_the_column_says_that_they_begin_at():
    """`since` may lie before the parent; where it is missing, nothing ever begins."""
    people = {
        "id": KEY,
        "at": {"type": "arrival_time"},
        "early": {"type": "uniform", "min": YEAR[0], "max": YEAR[1], "modifiers": [{"type": "nulls", "share": 0.5}]},
    }
    visits = {"id": KEY, "person_id": {"type": "parent_key"}, "at": {"type": "event_time"}}
    document = windowed(
        YEAR,
        people={"rows": {"type": "arrivals", "count": 200}, "columns": people},
        visits={
            "parent": "people",
            "rows": {"type": "events", "mean_per_month": 3, "since": "early"},
            "columns": visits,
        },
    )
    tables = made(document)
    parent, at = tables["visits"]["person_id"].to_numpy() - 1, micros(tables["visits"], "at")
    early = tables["people"]["early"].take(pa.array(parent))
    assert len(at) > 500 and early.null_count == 0
    assert (at >= micros(tables["people"], "at")[parent]).all() and (at >= np.asarray(early.cast(pa.int64()))).all()


def excited(parent: str) -> Json:
    gaps = {"type": "hawkes", "branching": 0.6, "decay": "6h"}
    rows = {"type": "events", "mean_per_year": 4, "gaps": gaps}
    return {"parent": parent, "rows": rows, "columns": {"id": KEY, "token": {"type": "uuid"}}}


def test_bursts_below_bursts_are_rows_of_their_own():
    document = windowed(YEAR, a={"rows": 60, "columns": {"id": KEY}}, b=excited("a"), c=excited("b"), d=excited("c"))
    tables = made(document)
    for name in "bcd":
        assert len(tables[name]["token"].unique()) == tables[name].num_rows, name


@pytest.mark.parametrize(
    "rows",
    [
        {"type": "events", "mean_per_hour": 1e7},
        {"type": "events", "mean_per_hour": 1e7, "gaps": {"type": "gamma", "shape": 2}},
    ],
)
def test_a_rate_that_runs_away_is_refused_before_it_runs(rows):
    growth = {"type": "trend", "shape": "exponential", "growth_per_year": 1e5}
    table = {"parent": "a", "rows": rows, "behaviors": [growth], "columns": {"id": KEY}}
    document = windowed(("2000-01-01", "2025-01-01"), a={"rows": 3, "columns": {"id": KEY}}, b=table)
    assert [(problem.code, problem.place) for problem in datagen.check(document)] == [
        ("unplannable", "$.tables.b.rows")
    ]
    assert "lower" in datagen.check(document)[0].hint
    with pytest.raises(PlanError, match="lower"):
        datagen.plan(document)


def test_arrivals_that_run_away_are_refused_before_they_run():
    rows = {"type": "arrivals", "mean_per_day": 1e9, "curve": {"type": "exponential", "growth_per_year": 1e6}}
    document = windowed(("2000-01-01", "2025-01-01"), a={"rows": rows, "columns": {"id": KEY}})
    assert [(problem.code, problem.place) for problem in datagen.check(document)] == [
        ("unplannable", "$.tables.a.rows")
    ]
    with pytest.raises(PlanError, match="lower the mean"):
        datagen.plan(document)


def test_a_past_in_which_nobody_arrives_is_a_problem():
    curve = {"type": "gompertz", "peak": "2024-07-01", "steepness_per_year": 900}
    rows = {"type": "arrivals", "count": 10, "before_window": 0.5, "curve": curve}
    problems = datagen.check(windowed(YEAR, a={"rows": rows, "columns": {"id": KEY}}))
    assert [problem.place for problem in problems] == ["$.tables.a.rows.curve"]


def test_a_column_that_looks_itself_up_is_a_problem():
    columns = {
        "id": KEY,
        "friend_id": {"type": "reference", "table": "a"},
        "name": {"type": "lookup", "through": "friend_id", "column": "name"},
    }
    assert "cycle" in {problem.code for problem in datagen.check(windowed(YEAR, a={"rows": 5, "columns": columns}))}


def test_a_rate_can_follow_an_entity_of_the_same_family_that_a_reference_names():
    """The table referred to is counted without the tables whose rows depend on it."""
    segments = {"type": "segments", "column": "grade", "multiply": {"a": {"notes": 3}}}
    document = windowed(
        YEAR,
        houses={"rows": 40, "columns": {"id": KEY}},
        rooms={
            "parent": "houses",
            "rows": {"type": "per_parent", "count": 3},
            "columns": {"id": KEY, "grade": {"type": "choice", "values": ["a", "b"]}},
            "behaviors": [segments],
        },
        guests={
            "parent": "houses",
            "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 5}},
            "columns": {"id": KEY, "room_id": {"type": "reference", "table": "rooms"}},
        },
        notes={
            "parent": "guests",
            "rows": {"type": "events", "mean_per_month": 1},
            "columns": {"id": KEY, "guest_id": {"type": "parent_key"}},
        },
    )
    tables = made(document)
    grade = np.array(tables["rooms"]["grade"].to_pylist())[tables["guests"]["room_id"].to_numpy() - 1]
    notes = np.bincount(tables["notes"]["guest_id"].to_numpy() - 1, minlength=len(grade))
    assert 2.5 < notes[grade == "a"].mean() / notes[grade == "b"].mean() < 3.5


def test_an_empty_table_of_json_lines_is_validated(tmp_path):
    document = windowed(YEAR, a={"rows": 0, "columns": {"id": KEY}}, b={"rows": 2, "columns": {"id": KEY}})
    datagen.generate(document | {"output": {"type": "jsonl"}}, tmp_path / "out")
    assert datagen.validate(document, tmp_path / "out").passed


def test_the_least_multiplier_there_is_makes_no_rows() -> None:
    columns = {"id": KEY, "grade": {"type": "choice", "values": ["a", "b"]}}
    rows = {"type": "events", "mean_per_month": 2}
    visits = {"parent": "a", "rows": rows, "columns": {"id": KEY, "a": {"type": "parent_key"}}}
    behavior = {"type": "segments", "column": "grade", "multiply": {"a": {"visits": 5e-324}}}
    document = windowed(YEAR, a={"rows": 40, "columns": columns, "behaviors": [behavior]}, visits=visits)
    tables = made(document)
    grades = np.asarray(tables["a"]["grade"].cast(pa.string()))[tables["visits"]["a"].to_numpy() - 1]
    assert set(grades) == {"b"}
