"""Whatever passes the checks generates, and what it generates keeps the promises."""

from __future__ import annotations

from typing import Any

import pytest

import datagen
from datagen.errors import PlanError
from tests.promises.invariants import broken, digests, fingerprints, whole
from tests.promises.random_documents import document, extreme, sound

SEEDS = (0, 4, 14, 22, 31, 39, 60, 83, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (9, 26, 52, 77)))
EXTREME = (*range(40, 52), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(52, 56)))
FORMATS = ("parquet", "csv", "jsonl")


def sound_one(seed: int) -> dict[str, Any]:
    return sound(document(seed, rows=120))[0]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_document_that_passes_the_checks_generates_what_it_says(seed):
    """Counts, keys, references, order in time, totals, types and missing cells are as declared and planned."""
    made = sound_one(seed)
    plan = datagen.plan(made)
    tables = whole(plan)
    assert list(broken(made, plan, tables)) == []
    assert fingerprints(made, partition_rows=37) == digests(tables)


@pytest.mark.parametrize("seed", EXTREME)
def test_whatever_passes_the_checks_is_planned_and_made_however_extreme_its_numbers(seed):
    """Where it needs more memory than there is, planning says so."""
    made = sound(extreme(seed))[0]
    try:
        plan = datagen.plan(made, memory=2_000_000_000)
    except PlanError as error:
        if "--memory" not in str(error):
            raise
        return
    if plan.total_rows < 50_000:
        assert list(broken(made, plan, whole(plan))) == []


@pytest.mark.parametrize("seed", SEEDS[::2])
def test_more_columns_and_tables_change_nothing(seed):
    """Adding a column to every table, before and after the others, and a table leaves every cell as it was."""
    made = sound_one(seed)
    before = whole(datagen.plan(made))
    number, text = {"type": "uniform", "min": 0, "max": 1}, {"type": "uuid"}
    for table in made["tables"].values():
        table["columns"] = {"more": number, **table["columns"], "most": text}
    made["tables"] = {"other": {"rows": 5, "columns": {"id": {"type": "key"}}}, **made["tables"]}
    after = whole(datagen.plan(made))
    for name, table in before.items():
        assert after[name].select(table.column_names).equals(table), name


@pytest.mark.parametrize("seed", SEEDS)
def test_files_hold_what_was_made_and_pass_every_constraint(tmp_path, seed):
    """In every format the files read back have the content that the document gives, and validation finds no fault."""
    made = sound_one(seed) | {"output": {"type": FORMATS[seed % 3]}}
    datagen.generate(made, tmp_path / "out", partition_rows=150)
    assert datagen.fingerprint(tmp_path / "out") == datagen.fingerprint(made)
    report = datagen.validate(made, tmp_path / "out")
    assert [(f.table, f.column, f.measure, f.message) for f in report.failed] == []
