from __future__ import annotations

import pytest

import datagen
from tests.promises.documents import tables

ROWS = [["DE", "1949-05-23", 84, True], ["FR", None, 68, None], ["JP", "1947-05-03", 124, False]]


def document(**columns: dict) -> dict:
    rows = {"type": "listed", "columns": ["code", "since", "people", "island"], "rows": ROWS}
    return {"datagen": 1, "name": "world", "tables": {"countries": {"rows": rows, "columns": columns}}}


def test_cells_are_of_the_type_they_look_like_or_are_said_to_be() -> None:
    listed = {"type": "listed"}
    made = tables(document(code=listed, since={**listed, "as": "date"}, people=listed, island=listed))["countries"]
    assert [str(field.type) for field in made.schema] == [
        "dictionary<values=string, indices=int8, ordered=0>", "date32[day]", "int64", "bool",
    ]  # fmt: skip
    assert made["island"].to_pylist() == [True, None, False]
    assert [str(day) for day in made["since"].to_pylist()] == ["1949-05-23", "None", "1947-05-03"]


@pytest.mark.parametrize("column, problem", [
    ({"type": "listed", "column": "cod"}, "list no column 'cod'; did you mean 'code'?"),
    ({"type": "listed", "column": "since", "unique": True}, "cells of 'since' are missing"),
    ({"type": "listed", "column": "code", "as": "int"}, "row 1: 'DE' is not of type int"),
])  # fmt: skip
def test_problems(column: dict, problem: str) -> None:
    (reported,) = datagen.check(document(code={"type": "listed"}, it=column))
    assert problem in str(reported)


def test_a_table_whose_rows_are_not_listed_has_no_listed_column() -> None:
    (reported,) = datagen.check(
        {"datagen": 1, "name": "a", "tables": {"t": {"rows": 3, "columns": {"a": {"type": "listed"}}}}}
    )
    assert "give the table rows of type 'listed'" in reported.hint


def test_no_code_comes_twice_where_it_is_unique() -> None:
    same = {**document(code={"type": "listed", "unique": True})}
    same["tables"]["countries"]["rows"] = {"type": "listed", "columns": ["code"], "rows": [["DE"], ["DE"]]}
    (reported,) = datagen.check(same)
    assert "'DE' is given twice" in reported.message


def test_listed_cells_that_no_two_rows_share_make_a_primary_key() -> None:
    rows = {"type": "listed", "columns": ["plan", "country"], "rows": [["basic", "DE"], ["basic", "FR"], ["max", "DE"]]}
    table = {"rows": rows, "columns": {"plan": {"type": "listed"}, "country": {"type": "listed"}}}
    for key, problems in ((["plan", "country"], 0), (["plan"], 1)):
        prices = {"datagen": 1, "name": "prices", "tables": {"prices": {**table, "primary_key": key}}}
        assert len(datagen.check(prices)) == problems


def test_a_wrong_key_of_a_listed_column_is_the_only_problem() -> None:
    (problem,) = datagen.check(document(code={"type": "listed", "decimals": 2}))
    assert problem.code == "unknown-key"
