"""The mean number of children: rare ones that are not there by chance are not missing, and lost ones are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

import datagen


def document(parents: int, count: Any, none_share: float) -> dict[str, Any]:
    rows = {"type": "per_parent", "count": count, "none_share": none_share}
    tables = {
        "orders": {"rows": parents, "columns": {"order_id": {"type": "key"}}},
        "items": {"parent": "orders", "rows": rows, "columns": {"order_id": {"type": "parent_key"}}},
    }
    return {"datagen": 1, "name": "rare", "tables": tables}


def verdict(world: dict[str, Any], out: Path) -> str:
    (one,) = (f for f in datagen.validate(world, out).findings if f.measure == "CountRecovery")
    return one.verdict


@pytest.mark.parametrize("seed", range(4))
def test_no_children_of_a_few_parents_are_no_loss(tmp_path: Path, seed: int) -> None:
    world = document(300, 2, 0.999)
    datagen.generate(world, tmp_path, seed=seed)
    assert verdict(world, tmp_path) == "not identifiable"


@pytest.mark.parametrize(("kept", "expected"), [(1.0, "recovered"), (0.5, "not recovered"), (0.0, "not recovered")])
def test_lost_children_are_named(tmp_path: Path, kept: float, expected: str) -> None:
    world = document(2000, {"type": "uniform", "min": 1, "max": 2}, 0.8)
    datagen.generate(world, tmp_path)
    (path,) = (tmp_path / "items").glob("*.parquet")
    table = pq.read_table(path)
    pq.write_table(table.slice(0, int(kept * len(table))), path)
    assert verdict(world, tmp_path) == expected
