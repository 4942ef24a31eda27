from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import datagen
from tests.promises.documents import tables


def document(**rows: Any) -> dict[str, Any]:
    lines = {
        "parent": "baskets",
        "rows": {"type": "per_parent", **rows},
        "columns": {"line_id": {"type": "key"}, "basket_id": {"type": "parent_key"}},
    }
    baskets = {
        "rows": 4000,
        "columns": {"basket_id": {"type": "key"}, "size": {"type": "choice", "values": ["s", "l"]}},
    }
    return {"datagen": 1, "name": "baskets", "tables": {"baskets": baskets, "lines": lines}}


def counts(made: dict[str, Any]) -> np.ndarray:
    return np.bincount(np.array(tables(made)["lines"]["basket_id"]) - 1, minlength=4000)


def test_a_constant_needs_no_row_counter_and_gives_every_parent_the_same() -> None:
    assert set(counts(document(count=3))) == {3}


def test_a_share_of_parents_has_none() -> None:
    found = counts(document(count={"type": "geometric", "mean": 2, "min": 1}, none_share=0.25))
    assert (found == 0).mean() == pytest.approx(0.25, abs=0.025)
    assert found[found > 0].mean() == pytest.approx(2.0, rel=0.05)


def test_segments_multiply_the_mean() -> None:
    made = document(count={"type": "poisson", "mean": 2})
    made["tables"]["baskets"]["behaviors"] = [{"type": "segments", "column": "size", "multiply": {"l": {"lines": 2.5}}}]
    size = np.array(tables(made)["baskets"]["size"].to_pylist())
    found = counts(made)
    assert found[size == "l"].mean() / found[size == "s"].mean() == pytest.approx(2.5, rel=0.06)


def test_problems_of_the_distribution_are_reported_at_its_place() -> None:
    problems = datagen.check(document(count={"type": "uniform", "min": 5, "max": 2}))
    assert [p.place for p in problems] == ["$.tables.lines.rows.count.min"]
