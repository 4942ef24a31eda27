from __future__ import annotations

from pathlib import Path

import pytest

import datagen
from tests.promises.documents import tables


def document(rows: int = 500, **more: object) -> dict:
    parts = {
        part: {"type": "hierarchy", "part": part, "span": 4, "roots": 2, **more} for part in ("parent", "level", "path")
    }
    columns = {"id": {"type": "key", "start": 10}, **parts}
    return {"datagen": 1, "name": "org", "tables": {"staff": {"rows": rows, "columns": columns}}}


def test_the_rows_are_a_forest_with_levels_and_paths() -> None:
    rows = {row["id"]: row for row in tables(document())["staff"].to_pylist()}
    assert [row["parent"] for row in rows.values()].count(None) == 2
    for row in rows.values():
        if row["parent"] is None:
            assert (row["level"], row["path"]) == (0, str(row["id"]))
        else:
            above = rows[row["parent"]]
            assert row["parent"] < row["id"] and row["level"] == above["level"] + 1
            assert row["path"] == f"{above['path']}/{row['id']}"
    assert max(row["level"] for row in rows.values()) == 4


@pytest.mark.parametrize("key", [
    {"type": "pattern", "pattern": "E-####", "unique": True},
    {"type": "uuid"},
    {"type": "scrambled_key"},
])  # fmt: skip
def test_keys_can_have_any_type(key: dict, tmp_path: Path) -> None:
    made = document()
    staff = made["tables"]["staff"]
    staff["columns"]["id"] = key
    staff["primary_key"] = ["id"]
    rows = {str(row["id"]): row for row in tables(made)["staff"].to_pylist()}
    numbered = tables(document())["staff"].to_pylist()
    names = {row["id"]: name for row, name in zip(numbered, rows, strict=True)}
    for row, other in zip(rows.values(), numbered, strict=True):
        assert (None if row["parent"] is None else str(row["parent"])) == names.get(other["parent"])
        assert row["path"].split("/") == [names[int(one)] for one in other["path"].split("/")]
        assert row["level"] == other["level"]
    datagen.generate(made, tmp_path / "out")
    assert datagen.validate(made, tmp_path / "out").passed


def test_a_larger_table_keeps_the_tree() -> None:
    small, large = (tables(document(rows))["staff"].to_pylist() for rows in (100, 400))
    assert large[:100] == small


def test_salaries_can_follow_the_level() -> None:
    made = document()
    made["tables"]["staff"]["columns"]["salary"] = {"type": "expression", "expression": "200000 / POWER(1.5, level)"}
    assert datagen.check(made) == ()


def test_parts_of_one_tree_agree() -> None:
    wrong = document()
    wrong["tables"]["staff"]["columns"]["level"]["span"] = 5
    assert {problem.code for problem in datagen.check(wrong)} == {"conflict"}
