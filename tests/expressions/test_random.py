"""RANDOM() is a uniform draw of its own for each call and row, and the same however the rows are cut."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import datagen
from tests.promises.documents import tables


def document(text: str, rows: int = 4000, **more: dict) -> dict:
    columns = {"thing_id": {"type": "key"}, "it": {"type": "expression", "expression": text}, **more}
    return {"datagen": 1, "name": "lots", "tables": {"things": {"rows": rows, "columns": columns}}}


def cells(text: str, rows: int = 4000) -> np.ndarray:
    return np.array(tables(document(text, rows))["things"]["it"].to_pylist(), np.float64)


def test_it_is_uniform() -> None:
    found = np.sort(cells("RANDOM()"))
    assert 0 <= found[0] < found[-1] < 1
    assert np.abs(found - (np.arange(4000) + 0.5) / 4000).max() < 0.03


def test_calls_are_independent_of_each_other() -> None:
    one, both = cells("RANDOM()"), cells("RANDOM() - RANDOM()")
    assert abs(np.corrcoef(one, one - both)[0, 1]) < 0.05
    assert np.abs(both).max() > 0.9


def test_a_branch_sees_the_number_of_its_row() -> None:
    assert np.array_equal(cells("CASE WHEN thing_id % 2 = 0 THEN RANDOM() ELSE 2 END")[1::2], cells("RANDOM()")[1::2])


def test_growth_and_cuts_change_nothing(tmp_path: Path) -> None:
    assert np.array_equal(cells("RANDOM()", 50), cells("RANDOM()", 400)[:50])
    datagen.generate(document("RANDOM()"), tmp_path / "one")
    datagen.generate(document("RANDOM()"), tmp_path / "cut", partition_rows=700)
    assert datagen.fingerprint(tmp_path / "one") == datagen.fingerprint(tmp_path / "cut")
    assert datagen.validate(document("RANDOM()"), tmp_path / "cut").passed


def test_parts_of_a_column_draw_each_for_itself() -> None:
    """Fields, items, cases and delays have numbers of their own, the same in any cut of the rows."""
    draw = {"type": "expression", "expression": "RANDOM()"}
    parts = {
        "both": {"type": "struct", "fields": {"one": draw, "other": draw}},
        "many": {"type": "list", "length": 3, "of": draw},
        "kind": {"type": "choice", "values": ["a", "b"]},
        "by": {
            "type": "case",
            "column": "kind",
            "cases": {"a": draw},
            "default": draw | {"expression": "1 + RANDOM()"},
        },
    }
    rows = tables(document("RANDOM()", **parts))["things"].to_pylist()
    numbers = np.array([[row["it"], row["both"]["one"], row["both"]["other"], *row["many"]] for row in rows])
    assert np.abs(np.corrcoef(numbers.T) - np.eye(6)).max() < 0.1
    assert ((numbers >= 0) & (numbers < 1)).all()
    assert all((row["by"] >= 1) == (row["kind"] == "b") for row in rows)
    assert tables(document("RANDOM()", **parts), partition_rows=64)["things"].to_pylist() == rows


@pytest.mark.parametrize("more", [
    {"late": {"type": "constant", "value": 1, "modifiers": [{"type": "nulls", "when": "RANDOM() < 0.5"}]}},
])  # fmt: skip
def test_other_places_do_not_draw(more: dict) -> None:
    found = datagen.check(document("thing_id", **more))
    assert any("RANDOM() can be used in columns of type" in str(problem) for problem in found), found
