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


@pytest.mark.parametrize("more", [
    {"late": {"type": "constant", "value": 1, "modifiers": [{"type": "nulls", "when": "RANDOM() < 0.5"}]}},
])  # fmt: skip
def test_other_places_do_not_draw(more: dict) -> None:
    found = datagen.check(document("thing_id", **more))
    assert any("RANDOM() can be used in columns of type" in str(problem) for problem in found), found
