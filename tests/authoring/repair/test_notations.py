"""Notations of other tools are repaired to what was meant, or have a hint that says what to write instead."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml

from datagen.authoring.repair import repair

WINDOW = {"start": "2024-01-01", "end": "2025-01-01"}


def document(x: Any, rows: Any = 10, child: Any = None) -> dict[str, Any]:
    """A table `t` with a column `x`, and a table `e` of the keys in `child`."""
    tables: dict[str, Any] = {"t": {"rows": rows, "columns": {"id": {"type": "key"}, "x": x}}}
    if child:
        tables["e"] = {"columns": {"e_id": {"type": "key"}}, **child}
    return {"datagen": 1, "name": "a", "window": WINDOW, "tables": tables}


COLUMNS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"type": "VARCHAR(50)"}, {"type": "pattern", "pattern": "********"}),
    ({"type": "DECIMAL(10, 2)"}, {"type": "uniform", "min": 0, "max": 1000, "decimals": 2}),
    ({"type": "integer", "range": [1, 6]}, {"type": "uniform", "decimals": 0, "min": 1, "max": 6}),
    ({"type": "normal", "mu": 1, "sigma": 2}, {"type": "normal", "mean": 1, "sd": 2}),
    ({"type": "lognormal", "mu": 3, "sigma": 1}, {"type": "lognormal", "sigma": 1, "median": 20.085537}),
    ({"type": "lognormal", "s": 1, "scale": 20}, {"type": "lognormal", "sigma": 1, "median": 20}),
    ({"type": "lognormal", "mean": 30, "std": 30}, {"type": "lognormal", "mean": 30, "sigma": 0.832555}),
    ({"type": "exponential", "lambda": 0.25}, {"type": "exponential", "mean": 4}),
    ({"type": "exponential", "scale": 4}, {"type": "exponential", "mean": 4}),
    ({"type": "poisson", "lam": 3}, {"type": "poisson", "mean": 3}),
    ({"type": "gamma", "shape": 2, "scale": 3}, {"type": "gamma", "shape": 2, "mean": 6}),
    ({"type": "computed", "value": "id * 2"}, {"type": "expression", "expression": "id * 2"}),
    (
        {"type": "expression", "expression": "1 if id == 2 else 0"},
        {"type": "expression", "expression": "CASE WHEN id = 2 THEN 1 ELSE 0 END"},
    ),
    (
        {"type": "expression", "expression": "id &gt; 2 && id < 5"},
        {"type": "expression", "expression": "id > 2 AND id < 5"},
    ),
    ({"type": "boolean", "share": "5 percent"}, {"type": "boolean", "share": 0.05}),
    (
        {"type": "boolean", "null_rate": "5%"},
        {"type": "boolean", "modifiers": [{"type": "nulls", "share": 0.05}]},
    ),
    (
        {"type": "boolean", "modifiers": {"type": "nulls", "share": 0.1}},
        {"type": "boolean", "modifiers": [{"type": "nulls", "share": 0.1}]},
    ),
    ({"type": "uuid", "unique": True}, {"type": "uuid"}),
    (
        {"type": "categorical", "categories": ["a", "b"], "probabilities": [0.3, 0.7]},
        {"type": "choice", "values": {"a": 0.3, "b": 0.7}},
    ),
    ({"type": "choice", "values": [["a", 60], ["b", 40]]}, {"type": "choice", "values": {"a": 60, "b": 40}}),
    (
        {"type": "choice", "values": [{"name": "a", "weight": 60}, {"name": "b", "weight": 40}]},
        {"type": "choice", "values": {"a": 60, "b": 40}},
    ),
    ({"type": "\u201cboolean\u201d"}, {"type": "boolean"}),
    ({"red": 70, "blue": 30}, {"type": "choice", "values": {"red": 70, "blue": 30}}),
    ({"type": "enum", "values": "a|b|c"}, {"type": "choice", "values": ["a", "b", "c"]}),
    ({"type": "helpers.arrayElement", "array": ["a", "b"]}, {"type": "choice", "values": ["a", "b"]}),
    ({"type": "uniform", "min": "1-5"}, {"type": "uniform", "min": 1, "max": 5}),
    ({"type": "integer", "range": "1 to 6"}, {"type": "uniform", "decimals": 0, "min": 1, "max": 6}),
    ({"type": "range", "start": 1, "stop": 10}, {"type": "uniform", "min": 1, "max": 10}),
    ({"generator": {"type": "normal", "mean": 3, "sd": 1}}, {"type": "normal", "mean": 3, "sd": 1}),
    ({"normal": {"mean": 3, "sd": 1}}, {"type": "normal", "mean": 3, "sd": 1}),
    ({"type": {"name": "normal", "mean": 3, "sd": 1}}, {"type": "normal", "mean": 3, "sd": 1}),
    ({"type": "normal", "args": [3, 1]}, {"type": "normal", "mean": 3, "sd": 1}),
    ({"Type": "normal", "Mean": 3, "SD": 1}, {"type": "normal", "mean": 3, "sd": 1}),
    (
        {"type": "pydecimal", "left_digits": 3, "right_digits": 2},
        {"type": "uniform", "decimals": 2, "min": 0, "max": 1000},
    ),
    ({"type": "date.past"}, {"type": "uniform", "min": "2024-01-01", "max": "2025-01-01"}),
    ({"type": "concat", "columns": ["'a'", "'b'"]}, {"type": "expression", "expression": "'a' || 'b'"}),
    (
        {"type": "expression", "expression": "if id > 2 then 1 else 0"},
        {"type": "expression", "expression": "CASE WHEN id > 2 THEN 1 ELSE 0 END"},
    ),
    (
        {"type": "expression", "expression": "id > 2 ? 1 : 0"},
        {"type": "expression", "expression": "CASE WHEN id > 2 THEN 1 ELSE 0 END"},
    ),
]
WORDS: list[tuple[str, dict[str, Any]]] = [
    ("1-5", {"type": "uniform", "min": 1, "max": 5, "decimals": 0}),
    ("between 1 and 5", {"type": "uniform", "min": 1, "max": 5, "decimals": 0}),
    ("0.5..2.5", {"type": "uniform", "min": 0.5, "max": 2.5}),
    ("=id * 2", {"type": "expression", "expression": "id * 2"}),
]


@pytest.mark.parametrize("declared, meant", COLUMNS, ids=lambda value: json.dumps(value)[:50])
def test_a_column_of_another_notation_becomes_what_was_meant(declared: Any, meant: Any) -> None:
    made = repair(json.dumps(document(declared)))
    assert json.loads(made.text)["tables"]["t"]["columns"]["x"] == meant
    assert made.valid, made.problems
    assert made.changes and all(change.reason for change in made.changes)


@pytest.mark.parametrize("rate", ["2 per month", "2/month", "2 a month"])
def test_a_rate_with_the_unit_of_its_key_becomes_a_number(rate: str) -> None:
    events = {"parent": "t", "rows": {"type": "events", "mean_per_month": rate}}
    made = repair(json.dumps(document({"type": "arrival_time"}, {"type": "arrivals", "count": 10}, events)))
    assert made.valid, made.problems
    assert json.loads(made.text)["tables"]["e"]["rows"]["mean_per_month"] == 2


@pytest.mark.parametrize("word, meant", WORDS)
def test_a_column_that_is_only_a_range_or_a_formula(word: str, meant: Any) -> None:
    made = repair(json.dumps(document(word)))
    assert made.valid, made.problems
    assert json.loads(made.text)["tables"]["t"]["columns"]["x"] == meant


def test_a_warning_of_the_parser_of_sql_is_not_shown(caplog: pytest.LogCaptureFixture) -> None:
    repair(json.dumps(document({"type": "expression", "expression": "if id > 2 then 1"})))
    assert caplog.text == ""


@pytest.mark.parametrize("rows, meant", [("1k", 1000), ("1 thousand", 1000), ("0.1M", 100_000), (1000.0, 1000)])
def test_a_number_of_rows_in_another_notation_is_that_number(rows: Any, meant: int) -> None:
    made = repair(json.dumps(document({"type": "boolean"}, rows)))
    assert made.valid and json.loads(made.text)["tables"]["t"]["rows"] == meant


UNIFORM = {"type": "per_parent", "count": {"type": "uniform", "min": 1, "max": 5}}


@pytest.mark.parametrize(
    "rows, meant",
    [
        ({"type": "per_parent", "min": 1, "max": 5}, UNIFORM),
        ({"type": "per_parent", "count": "1-5"}, UNIFORM),
        ({"type": "per_parent", "mean": 3}, {"type": "per_parent", "count": {"type": "poisson", "mean": 3}}),
        ({"type": "grid", "every": "daily"}, {"type": "grid", "every": "day"}),
    ],
    ids=str,
)
def test_rows_below_a_parent_in_another_notation(rows: Any, meant: Any) -> None:
    made = repair(json.dumps(document({"type": "boolean"}, child={"parent": "t", "rows": rows})))
    assert made.valid, made.problems
    assert json.loads(made.text)["tables"]["e"]["rows"] == meant


@pytest.mark.parametrize("table", ["t.id", "t(id)"])
def test_a_foreign_key_in_the_notation_of_sql_is_a_reference(table: str) -> None:
    columns = {"e_id": {"type": "key"}, "t_id": {"type": "foreign_key", "references": table}}
    made = repair(json.dumps(document({"type": "boolean"}, child={"rows": 5, "columns": columns})))
    assert made.valid, made.problems
    assert json.loads(made.text)["tables"]["e"]["columns"]["t_id"] == {"type": "reference", "table": "t"}


def test_a_duration_becomes_a_number_with_its_unit() -> None:
    retention = {"type": "retention", "lifetime": {"type": "weibull", "shape": 0.8, "scale": "10mo"}}
    child = {
        "parent": "t",
        "rows": {"type": "events", "mean_per_month": 2},
        "columns": {"e_id": {"type": "key"}, "t_id": {"type": "parent_key"}},
    }
    given = document({"type": "boolean"}, child=child)
    table = given["tables"]["t"]
    table |= {"rows": {"type": "arrivals", "count": 10}, "behaviors": [retention]}
    table["columns"]["at"] = {"type": "arrival_time"}
    made = repair(json.dumps(given))
    assert made.valid, made.problems
    lifetime = json.loads(made.text)["tables"]["t"]["behaviors"][0]["lifetime"]
    assert (lifetime["scale"], lifetime["unit"]) == (10, "month")


def test_tables_within_a_table_hang_below_it() -> None:
    table = {"rows": 10, "columns": {"t_id": {"type": "key"}}}
    child = {"rows": 3, "columns": {"e_id": {"type": "key"}, "t_id": {"type": "parent_key"}}}
    made = repair(json.dumps({"datagen": 1, "name": "a", "tables": {"t": {**table, "children": {"e": child}}}}))
    assert made.valid, made.problems
    below = {"parent": "t", **child, "rows": {"type": "per_parent", "count": 3}}
    assert json.loads(made.text)["tables"] == {"t": table, "e": below}


def test_a_parent_named_with_its_key_and_a_table_without_one() -> None:
    columns = {"e_id": {"type": "key"}, "t_id": {"type": "parent_key"}}
    child = {"parent": "t.id", "rows": {"type": "per_parent", "count": 3}, "columns": columns}
    made = repair(json.dumps(document({"type": "boolean"}, child=child)))
    assert made.valid and json.loads(made.text)["tables"]["e"]["parent"] == "t"
    given = document({"type": "boolean"}, child={**child, "parent": "t"})
    del given["tables"]["t"]["columns"]["id"]
    made = repair(json.dumps(given))
    assert made.valid and json.loads(made.text)["tables"]["t"]["columns"]["t_id"] == {"type": "key"}


SOUND = document({"type": "boolean"})
T = SOUND["tables"]["t"]


@pytest.mark.parametrize(
    "given",
    [
        {"datagen": 1, "name": "a", "window": WINDOW, "t": T},
        {"datagen": 1, "name": "a", "window": WINDOW, "entities": {"t": T}},
        {"datagen": 1, "name": "a", "window": WINDOW, "tables": {"t": {"rows": 10, **T["columns"]}}},
        {"datagen": 1, "name": "a", "window": WINDOW, "tables": {"t": {"columns": {"rows": 10, **T["columns"]}}}},
        {"datagen": 1, "name": "a", "window": list(WINDOW.values()), "tables": {"t": T}},
        {"datagen": 1, "name": "a", "window": 2024, "tables": {"t": T}},
        {"datagen": 1, "name": "a", "window": WINDOW, "tables": {"t": {**T, "rows": {"count": 10}}}},
        {"datagen": 1, "name": "a", "start_date": "2024-01-01", "end_date": "2025-01-01", "tables": {"t": T}},
        {"version": 1, "name": "a", "window": WINDOW, "tables": {"t": T}},
    ],
    ids=[
        "no tables",
        "entities",
        "no columns",
        "rows in columns",
        "a list of days",
        "a year",
        "a count",
        "start_date",
        "version",
    ],
)
def test_what_stands_at_another_place_is_moved(given: Any) -> None:
    made = repair(json.dumps(given))
    assert made.valid, made.problems
    assert json.loads(made.text) == SOUND


@pytest.mark.parametrize("as_yaml", [False, True])
def test_a_key_of_an_object_around_is_moved_there(as_yaml: bool) -> None:
    rows = {"type": "per_parent", "count": {"type": "poisson", "mean": 2}}
    child = {"parent": "t", "rows": rows, "columns": {"t_id": {"type": "parent_key"}}}
    sound = document({"type": "boolean"}, child=child)
    given = document({"type": "boolean"}, child={"rows": {**rows, "parent": "t"}, "columns": child["columns"]})
    given["tables"]["t"]["window"] = given.pop("window")
    made = repair(yaml.safe_dump(given) if as_yaml else json.dumps(given))
    assert made.valid, made.problems
    assert (yaml.safe_load(made.text) if as_yaml else json.loads(made.text)) == sound


BOOLEAN, CHILD = {"type": "boolean"}, {"parent": "t"}


@pytest.mark.parametrize(
    "given, hint",
    [
        (document({"type": "uniform", "min": "01/02/2024", "max": "2024-12-31"}), "2024-02-01 or 2024-01-02"),
        (
            document(BOOLEAN, child={**CHILD, "rows": {"type": "grid", "every": "0 9 * * 1"}}),
            "cron is not read",
        ),
        (
            document(BOOLEAN, child={**CHILD, "rows": {"type": "events", "every": "1h"}}),
            "mean_per_day",
        ),
        (document({"type": "uuid", "primary_key": True}), 'write "primary_key": ["column"] in the table'),
        (document({"type": "boolean", "nullable": True}), '"modifiers": [{"type": "nulls"'),
        (document({"type": "choice", "values": [True, None]}), "the modifier 'nulls'"),
        (document(BOOLEAN, child={**CHILD, "rows": 3}), '{"type": "per_parent", "count": 3}'),
        (document({"type": "SERIAL"}), "keep one of them"),
        ("CREATE TABLE t (id int primary key);", "datagen infer FILE.sql"),
        ('{"datagen": 1, "datagen": 1}', "keep one of them"),
    ],
    ids=lambda value: json.dumps(value)[-60:],
)
def test_what_is_not_clear_has_a_hint(given: Any, hint: str) -> None:
    made = repair(given if isinstance(given, str) else json.dumps(given))
    assert not made.valid
    assert any(hint in f"{problem.message}; {problem.hint}" for problem in made.problems), made.problems


def test_a_notation_with_two_meanings_is_left() -> None:
    for declared in (
        {"type": "lognormal", "mu": 3, "median": 5, "sigma": 1},
        {"type": "exponential", "rate": 2, "mean": 3},
        {"type": "uniform", "min": 1, "max": 2, "range": [3, 4]},
    ):
        made = repair(json.dumps(document(declared)))
        assert not made.valid
        assert json.loads(made.text)["tables"]["t"]["columns"]["x"] == declared


def test_a_bare_time_is_that_of_the_row_where_rows_are_created_over_time():
    rows = {"type": "events", "mean_per_month": 1}
    times = {"at": {"type": "datetime"}, "until": {"type": "timestamp"}, "day": {"type": "date"}}
    repaired = repair(json.dumps(document({"type": "boolean"}, 10, {"parent": "t", "rows": rows, "columns": times})))
    within = {"type": "uniform", "min": "2024-01-01", "max": "2025-01-01"}
    assert json.loads(repaired.text)["tables"]["e"]["columns"] == {
        "at": {"type": "event_time"},
        "until": within,
        "day": within,
    }


def test_what_stands_at_two_places_is_written_twice_in_yaml():
    window = "window: {start: 2024-01-01, end: 2025-01-01}"
    text = (
        f"datagen: 1\nname: a\n{window}\ntables: {{t: {{rows: 5, columns: {{x: {{type: date}}, y: {{type: date}}}}}}}}"
    )
    repaired = repair(text)
    assert "&" not in repaired.text and repaired.text.count("2025-01-01") == 3
