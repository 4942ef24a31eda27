"""`repair` corrects what is clear, lists each change, lists the rest and makes nothing worse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.authoring.repair import Repair, repair
from tests.authoring.repair.answers import JSON, YAML

BROKEN = sorted((Path(__file__).parents[2] / "schema" / "broken").glob("*.[jy][sa]*[nl]"))
MENDED = {
    "expression_unknown_column",
    "json_truncated",
    "output_unknown",
    "parent_unknown",
    "reference_unknown_table",
    "reference_without_key",
    "unknown_keys",
    "window_backwards",
}


def column(declared: Any, **others: Any) -> tuple[Any, Repair]:
    """What becomes of one column, and the repair."""
    columns = {"id": {"type": "key"}, "flag": {"type": "boolean"}, "x": declared, **others}
    document = {"datagen": 1, "name": "a", "window": {"start": "2024-01-01", "end": "2025-01-01"}}
    made = repair(json.dumps({**document, "tables": {"t": {"rows": 3, "columns": columns}}}))
    return json.loads(made.text)["tables"]["t"]["columns"]["x"], made


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_every_broken_document_goes_through_and_repair_is_idempotent(path: Path) -> None:
    text = path.read_bytes().decode(errors="replace")
    made = repair(text)
    assert made.valid == (path.stem in MENDED)
    assert made.changes or made.problems
    again = repair(made.text)
    assert (again.text, again.changes) == (made.text, ())
    assert bool(again.problems) == bool(made.problems)


@pytest.mark.parametrize("answer", [YAML, JSON], ids=["yaml", "json"])
def test_what_a_chat_gives_back_becomes_a_sound_document(answer: str) -> None:
    made = repair(answer)
    assert made.problems == ()
    assert datagen.check(made.text) == ()
    assert all(change.place and change.reason for change in made.changes)


def test_comments_and_order_of_a_yaml_document_stay() -> None:
    made = repair(YAML)
    assert "# the people" in made.text
    assert made.text.index("Patients:") < made.text.index("# the people") < made.text.index("rows: 1000")


def test_each_change_is_reported_with_its_place_and_what_stood_there() -> None:
    _, made = column({"type": "gaussian", "mean": "1,000", "std": 2})
    assert [(change.place, change.before, change.after) for change in made.changes] == [
        ("$.tables.t.columns.x.type", '"gaussian"', '"normal"'),
        ("$.tables.t.columns.x.mean", '"1,000"', "1000"),
        ("$.tables.t.columns.x.std", "std", "sd"),
    ]


@pytest.mark.parametrize(
    "declared, repaired",
    [
        ({"type": "first_name"}, {"type": "person_name", "part": "first"}),
        ({"type": "fake.bothify", "pattern": "??-##"}, {"type": "pattern", "pattern": "??-##"}),
        ({"type": "faker", "provider": "phone_number"}, {"type": "phone"}),
        ({"type": "random_int", "min": 1, "max": 6}, {"type": "uniform", "min": 1, "max": 6, "decimals": 0}),
        ({"type": "date"}, {"type": "uniform", "min": "2024-01-01", "max": "2025-01-01"}),
        ({"values": ["a", "b"]}, {"type": "choice", "values": ["a", "b"]}),
        ({"mean": 1, "sd": 2}, {"type": "normal", "mean": 1, "sd": 2}),
        (
            {"type": "choice", "values": [{"value": "a", "weight": 2}, {"value": "b"}]},
            {"type": "choice", "values": {"a": 2, "b": 1}},
        ),
        ({"type": "choice", "values": ["a", "b"], "weights": [1, 2]}, {"type": "choice", "values": {"a": 1, "b": 2}}),
        ({"type": "lognormal", "median": "2 hours", "sigma": 1}, {"type": "lognormal", "median": "2h", "sigma": 1}),
        (
            {"type": "uniform", "min": "2024/02/01", "max": "31.12.2024"},
            {"type": "uniform", "min": "2024-02-01", "max": "2024-12-31"},
        ),
        ({"type": "uniform", "min": 9, "max": 2}, {"type": "uniform", "min": 2, "max": 9}),
        (
            {"type": "choice", "values": ["a", "b"], "modifiers": [{"type": "null", "share": 30}]},
            {"type": "choice", "values": ["a", "b"], "modifiers": [{"type": "nulls", "share": 0.3}]},
        ),
        ({"type": "choice", "values": ["a", "b"], "nullable": False}, {"type": "choice", "values": ["a", "b"]}),
        ({"type": "person_name", "locale": "EN"}, {"type": "person_name", "locale": "en"}),
        ("uuid4", {"type": "uuid"}),
        (
            {"type": "case", "column": "flag", "cases": {"True": 1, "no": 2}},
            {"type": "case", "column": "flag", "cases": {"true": 1, "false": 2}},
        ),
    ],
)
def test_a_column_is_repaired(declared: Any, repaired: Any) -> None:
    found, made = column(declared)
    assert found == repaired
    assert made.valid, made.problems


@pytest.mark.parametrize(
    "declared",
    [
        {"type": "image"},  # there are no pictures
        {"type": "uniform", "min": "01/02/2024", "max": "2024-12-31"},  # day or month first?
        {"type": "choice", "values": ["a"], "nullable": True},  # what share?
        {"type": "lognormal", "median": 3, "medain": 4, "sigma": 1},  # which of them?
        {"type": "normal", "mean": "heavy", "sd": 1},
    ],
)
def test_what_is_not_clear_is_left_and_listed(declared: Any) -> None:
    found, made = column(declared)
    assert found == declared
    assert made.problems and made.changes == ()
    assert all(problem.place.startswith("$.tables.t.columns.x") for problem in made.problems)


MISTAKES = {
    "yes without quotes": (
        "rows: 3\n    columns: {id: {type: key, hidden: no}, x: {type: choice, values: {yes: 1, no: 2}}}",
        "",
    ),
    "a number as a key": ("rows: 3\n    columns: {id: {type: key}, x: {type: choice, values: {1: 70, 2: 30}}}", ""),
    "a tab": ("rows: 3\n\tcolumns:\n\t  id: {type: key}", "indent with spaces"),
    "a date without quotes": (
        "rows: 3\n    columns: {id: {type: key}, x: {type: uniform, min: 2024-01-01, max: 2024-02-01}}",
        "",
    ),
    "a kind of another tool": (
        "rows: 3\n    columns: {id: {type: key}, x: {type: pyfloat, min: 1, max: 2}}",
        "another tool",
    ),
    "a colon in a text": ("description: things: many\n    rows: 3\n    columns: {id: {type: key}}", "quoted"),
    "no blank after the colon": ("rows:3\n    columns: {id: {type: key}}", "blank"),
    "no blank before an object": ("rows:3\n    columns:\n      id:{type: key}", "blank"),
    "a percentage": (
        "rows: 3\n    columns: {id: {type: key}, x: {type: choice, values: {a: 70%, b: 30%}}}",
        "plain number",
    ),
    "a unit in words": (
        "rows: 3\n    columns: {id: {type: key}, x: {type: lognormal, median: 3 days, sigma: 1}}",
        "unit",
    ),
    "a colon in a text within brackets": (
        "rows: 3\n    columns: {id: {type: key}, x: {type: constant, value: see: there}}",
        "quoted",
    ),
    "a sharp within brackets": (
        "rows: 3\n    columns:\n      id: {type: key}\n      x: {type: pattern, pattern: ###-##}",
        "quoted",
    ),
    "a percent sign within brackets": (
        "rows: 3\n    columns: {id: {type: key}, x: {type: choice, values: [%a, %b]}}",
        "quoted",
    ),
    "a column of another table": (
        "rows: 3\n    columns: {id: {type: key}}\n  u:\n    rows: 5\n    columns: {id: {type: key}, t_id: t.id}",
        "an object with a 'type'",
    ),
    "an s too few": ("row: 3\n    columns: {id: {type: key}}", "the name of this"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_of_a_person_are_repaired(mistake: str) -> None:
    body, reason = MISTAKES[mistake]
    made = repair(f"datagen: 1\nname: a\ntables:\n  t:\n    {body}\n")
    assert made.valid, made.problems
    assert [change for change in made.changes if reason in change.reason] if reason else made.changes == ()


def test_a_document_with_a_key_twice_is_not_edited() -> None:
    text = '{"datagen": 1, "name": "a", "name": "b", "tabels": {}}'
    made = repair(text)
    assert (made.text, made.changes) == (text, ())
    assert {problem.code for problem in made.problems} >= {"duplicate", "unknown-key"}


def test_a_table_that_is_renamed_is_renamed_wherever_it_is_named() -> None:
    tables = {
        "Order Items": {
            "parent": "orders",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {"o": {"type": "parent_key"}},
        },
        "orders": {"rows": 3, "columns": {"id": {"type": "key"}, "n": {"type": "count_of", "table": "Order Items"}}},
    }
    made = repair(json.dumps({"datagen": "1", "name": "a", "tables": tables}))
    assert made.valid, made.problems
    assert json.loads(made.text)["tables"]["orders"]["columns"]["n"]["table"] == "order_items"


def test_text_without_a_document_is_reported_and_not_made_up() -> None:
    for text in ("", "I cannot help with that.", "[1, 2", "```json\n```", "\x00", "{" * 5000):
        made = repair(text)
        assert not made.valid
        assert "tables" not in made.text
