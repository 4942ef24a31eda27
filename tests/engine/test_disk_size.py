"""The sizes of a plan are within a quarter of those of the files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.engine.generate import generate_partition
from datagen.runtime.run import execute
from datagen.runtime.task import Work

EXAMPLES = Path(__file__).parents[2] / "examples"
KEY = {"type": "key"}
VISITS = {
    "parent": "people",
    "rows": {"type": "events", "mean_per_month": 2},
    "columns": {
        "visit_id": KEY,
        "person_id": {"type": "parent_key"},
        "at": {"type": "event_time"},
        "code": {"type": "pattern", "pattern": "??-####"},
        "amount": {"type": "lognormal", "median": 20, "sigma": 1, "decimals": 2},
        "kind": {"type": "choice", "values": {"a": 90, "b": 9, "c": 1}},
    },
}
WORDS = {
    "word_id": KEY,
    "name": {"type": "person_name"},
    "token": {"type": "uuid"},
    "free": {"type": "normal", "mean": 0, "sd": 1},
    "day": {"type": "uniform", "min": "2020-01-01", "max": "2024-01-01", "as": "date"},
    "twice": {"type": "expression", "expression": "name || ' and ' || token"},
    "rare": {"type": "uniform", "min": 0, "max": 9, "modifiers": [{"type": "nulls", "share": 0.9}]},
}


def document(output: Any, rows: int = 3000, **tables: Any) -> dict[str, Any]:
    people = {
        "rows": {"type": "arrivals", "count": rows},
        "columns": {"person_id": KEY, "since": {"type": "arrival_time"}, "name": {"type": "person_name"}},
    }
    window = {"start": "2024-01-01", "end": "2025-01-01"}
    tables = {"people": people, **tables}
    return {"datagen": 1, "name": "sizes", "seed": 5, "window": window, "output": output, "tables": tables}


DOCUMENTS = {
    "events": document("parquet", visits=VISITS),
    "events as csv": document("csv", visits=VISITS),
    "events as json lines": document("jsonl", 900, visits=VISITS),
    "compressed": document({"type": "parquet", "compression": "zstd"}, visits=VISITS),
    "many words": document("parquet", 30, words={"rows": 60_000, "columns": WORDS}),
    "one parent": document("parquet", 1, visits={**VISITS, "rows": {"type": "events", "mean_per_day": 100}}),
    "nothing": document("parquet", 3, none={"rows": 0, "columns": {"none_id": KEY}}),
}


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("partition_rows", [1_000_000, 9_000])
def test_planned_sizes_are_those_of_the_files(name: str, partition_rows: int, tmp_path: Path) -> None:
    plan = datagen.plan(DOCUMENTS[name], partition_rows=partition_rows)
    execute(Work(plan, generate_partition), tmp_path / "out")
    for table, planned in plan.tables.items():
        size = sum(path.stat().st_size for path in (tmp_path / "out" / table).iterdir())
        assert planned.bytes == pytest.approx(size, rel=0.25), table


LARGE = "manufacturing_sensors_vintage"
"""One plant of it has some ten thousand rows below it, at every scale."""
LONG = "iot_machine_states"
"""Each of its machines goes through a thousand states."""
FILES = [
    pytest.param(path, marks=[pytest.mark.slow] * (path.stem in (LARGE, LONG)), id=path.stem)
    for path in sorted(EXAMPLES.glob("*.[jy]*"))
]


@pytest.mark.parametrize("path", FILES)
def test_planned_sizes_of_the_examples_are_those_of_the_files(path: Path, tmp_path: Path) -> None:
    scale = 1 if path.stem == LARGE else 0.05
    plan = datagen.plan(path, scale=scale)
    execute(Work(plan, generate_partition), tmp_path / "out")
    for table, planned in plan.tables.items():
        size = sum(file.stat().st_size for file in (tmp_path / "out" / planned.folder).iterdir())
        assert planned.bytes == pytest.approx(size, rel=0.25), table


def test_a_cell_that_cannot_be_made_does_not_keep_a_plan_from_being_shown() -> None:
    columns = {"t_id": KEY, "n": {"type": "person_name"}, "e": {"type": "expression", "expression": "CAST(n AS INT)"}}
    plan = datagen.plan(document("parquet", t={"rows": 500, "columns": columns}))
    assert plan.tables["t"].bytes > 500


def test_many_rows_below_one_are_not_made_for_an_estimate() -> None:
    crowd = {**VISITS, "rows": {"type": "per_parent", "count": 5_000_000}}
    crowd["columns"] = {"visit_id": KEY, "code": {"type": "pattern", "pattern": "??-####"}}
    before = time.process_time()
    plan = datagen.plan(document("parquet", 2, visits=crowd), memory=2_000_000_000)
    assert time.process_time() - before < 5
    assert plan.tables["visits"].bytes > 50_000_000
