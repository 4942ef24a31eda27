"""A declared primary key is unique by the way its columns are made, or the document is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datagen

CASES = Path(__file__).parents[1] / "cases"
KEY = {"type": "key"}
DIGIT = {"type": "uniform", "min": 1, "max": 7, "decimals": 0}
COUNT = {"type": "per_parent", "count": {"type": "uniform", "min": 1, "max": 4}}


def reported(tables: dict[str, Any]) -> list[str]:
    return [str(problem) for problem in datagen.check({"datagen": 1, "name": "keys", "tables": tables})]


def lines(primary_key: list[str], columns: dict[str, Any], rows: Any = COUNT) -> dict[str, Any]:
    """Orders by a code of their own, tags, and lines below the orders."""
    code = {"type": "expression", "expression": "'O-' || order_id"}
    return {
        "tags": {"rows": 9, "columns": {"tag_id": KEY, "name": {"type": "uuid"}, "kind": DIGIT}},
        "orders": {"rows": 60, "columns": {"order_id": KEY, "code": code, "token": {"type": "uuid"}, "size": DIGIT}},
        "lines": {"parent": "orders", "primary_key": primary_key, "rows": rows, "columns": columns},
    }


PARENT = {"type": "parent_key"}
TAG = {"type": "reference", "table": "tags", "distinct": True}
UNIQUE: dict[str, tuple[list[str], dict[str, Any], Any]] = {
    "key": (["a"], {"a": KEY}, COUNT),
    "uuid": (["a"], {"a": {"type": "uuid"}}, COUNT),
    "pattern": (["a"], {"a": {"type": "pattern", "pattern": "??####", "unique": True}}, COUNT),
    "email": (["a"], {"a": {"type": "email", "unique": True}}, COUNT),
    "one of several": (["n", "a"], {"n": DIGIT, "a": {"type": "uuid"}}, COUNT),
    "a text made of the key": (
        ["b"],
        {"a": KEY, "b": {"type": "expression", "expression": "'L' || (2 * a + 1)"}},
        COUNT,
    ),
    "parent and distinct": (["p", "t"], {"p": PARENT, "t": TAG}, COUNT),
    "parent's token and distinct": (
        ["p", "t"],
        {"p": {"type": "expression", "expression": "orders.token"}, "t": TAG},
        COUNT,
    ),
    "parent's code and what a distinct reference looks up": (
        ["p", "n"],
        {
            "p": {"type": "expression", "expression": "orders.code"},
            "t": TAG,
            "n": {"type": "lookup", "through": "t", "column": "name"},
        },
        COUNT,
    ),
    "one row each": (["p"], {"p": PARENT}, {"type": "per_parent", "count": 1}),
    "one row or none": (["p"], {"p": PARENT}, {"type": "per_parent", "count": {"type": "uniform", "min": 0, "max": 1}}),
}
NOT_UNIQUE: dict[str, tuple[list[str], dict[str, Any], Any]] = {
    "a number": (["n"], {"n": DIGIT}, COUNT),
    "parent and number": (["p", "n"], {"p": PARENT, "n": DIGIT}, COUNT),
    "parent alone": (["p"], {"p": PARENT}, COUNT),
    "distinct alone": (["t"], {"t": TAG}, COUNT),
    "parent and a reference with replacement": (
        ["p", "t"],
        {"p": PARENT, "t": {"type": "reference", "table": "tags"}},
        COUNT,
    ),
    "parent and what is looked up": (
        ["p", "n"],
        {"p": PARENT, "t": TAG, "n": {"type": "lookup", "through": "t", "column": "kind"}},
        COUNT,
    ),
    "parent's number and distinct": (
        ["p", "t"],
        {"p": {"type": "expression", "expression": "orders.size"}, "t": TAG},
        COUNT,
    ),
    "half the key": (
        ["b"],
        {"a": KEY, "b": {"type": "expression", "expression": "FLOOR(a / 2)", "decimals": 0}},
        COUNT,
    ),
    "its last digit": (["b"], {"a": KEY, "b": {"type": "expression", "expression": "a % 10"}}, COUNT),
    "times nothing": (["b"], {"a": KEY, "b": {"type": "expression", "expression": "a * 0"}}, COUNT),
    "a pattern with repetitions": (["a"], {"a": {"type": "pattern", "pattern": "??####"}}, COUNT),
}


@pytest.mark.parametrize("name", UNIQUE)
def test_a_key_that_is_unique_by_construction_passes_and_is_unique(name: str) -> None:
    primary_key, columns, rows = UNIQUE[name]
    document = lines(primary_key, columns, rows)
    assert not reported(document)
    made = datagen.preview({"datagen": 1, "name": "keys", "tables": document}, rows=1000)["lines"]
    assert made.num_rows > 25
    assert made.group_by(primary_key).aggregate([]).num_rows == made.num_rows


@pytest.mark.parametrize("name", NOT_UNIQUE)
def test_a_key_that_nothing_makes_unique_is_refused(name: str) -> None:
    primary_key, columns, rows = NOT_UNIQUE[name]
    (words,) = reported(lines(primary_key, columns, rows))
    assert words.startswith("$.tables.lines.primary_key: nothing makes") and "distinct" in words


@pytest.mark.parametrize("name", ["composite_key_not_unique.yaml", "primary_key_of_two_values.json"])
def test_the_cases_are_refused_with_what_would_make_them_unique(name: str) -> None:
    (problem,) = datagen.check(CASES / name)
    assert problem.keys[2] == "primary_key" and "unique" in problem.message and "type key or uuid" in problem.hint


def test_behaviors_that_change_how_many_rows_a_parent_has_make_its_key_ambiguous() -> None:
    tables = lines(["p"], {"p": PARENT}, {"type": "per_parent", "count": 1})
    tables["orders"]["columns"]["vip"] = {"type": "choice", "values": ["yes", "no"]}
    tables["orders"]["behaviors"] = [{"type": "segments", "column": "vip", "multiply": {"yes": {"lines": 2}}}]
    assert ["unique" in words for words in reported(tables)] == [True]


def test_a_table_of_hidden_columns_only_is_refused() -> None:
    (problem,) = datagen.check(CASES / "all_hidden.yaml")
    assert problem.keys == ("tables", "a", "columns") and "hidden" in problem.message
    (words,) = reported(
        {"a": {"rows": 3, "columns": {"x": {"type": "uuid", "hidden": True}, "k": {**KEY, "hidden": True}}}}
    )
    assert "every column of 'a' is hidden" in words
    assert not reported({"a": {"rows": 3, "columns": {"x": {"type": "uuid", "hidden": True}, "k": KEY}}})
