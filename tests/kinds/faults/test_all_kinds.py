"""What holds for every fault: the clean data does not change, any cut gives the same rows, the answer
key is complete.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import datagen
from datagen.analysis.semantic_model import SemanticModel
from datagen.engine.program import Program
from datagen.interop.table_schema import described
from datagen.kinds.faults.base import Fault
from datagen.registry import load
from datagen.schema.reading.read import read
from tests.kinds.faults.damage import made

load()
EXAMPLES = [
    pytest.param(example, id=f"{name} {i}")
    for name, kind in sorted(Fault.members.items())
    for i, example in enumerate(kind.examples)
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_dirty_data_is_the_clean_data_where_the_answer_key_says_nothing(example: dict[str, Any]) -> None:
    [table] = example["faults"]
    clean, none = made(example, table, clean=True)
    dirty, key = made(example, table)
    assert not none and key
    cells = {(row["row"], row["column"]) for row in key if row["column"]}
    extra = {row["row"] for row in key if row["column"] is None and row["was"] is None}
    moved = {row["row"]: int(row["was"]) for row in key if row["column"] is None and row["was"] is not None}
    expected = iter(row for i, row in enumerate(clean.to_pylist()) if i not in moved.values())
    for i, row in enumerate(row for i, row in enumerate(dirty.to_pylist()) if i not in extra):
        assert extra or dirty.num_rows == clean.num_rows
        was = clean.slice(moved[i], 1).to_pylist()[0] if i in moved else next(expected)
        if extra:
            continue
        was = dict.fromkeys(row) | was  # a column that a fault adds is missing in the clean data
        assert {c: str(v) for c, v in row.items() if (i, c) not in cells} == {
            c: str(v) for c, v in was.items() if (i, c) not in cells
        }


@pytest.mark.parametrize("example", EXAMPLES)
def test_rows_do_not_depend_on_the_partitions(example: dict[str, Any]) -> None:
    [table] = example["faults"]
    assert made(example, table)[0] == made(example, table, partition_rows=300)[0].unify_dictionaries()


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_damaged_dataset_passes_validation_by_its_answer_key(tmp_path: Path, form: str) -> None:
    """The score speaks of the clean part, in any format and cut; without the key the damage is seen."""
    document = every_fault()
    found = datagen.generate(document, tmp_path / form, partition_rows=4000, format=form)
    report = datagen.validate(document, tmp_path / form)
    assert report.score >= 95, [f.message for f in report.findings if f.verdict in ("fail", "not recovered")]
    rates = {(f.table, f.column, f.subject): f for f in report.findings if f.measure == "FaultRate"}
    assert len(rates) >= 8 and all(f.verdict in ("recovered", "not identifiable") for f in rates.values())
    assert "faults" in found.truth.tables
    blind = datagen.validate({k: v for k, v in document.items() if k != "faults"}, tmp_path / form)
    assert blind.score < 80


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_files_without_a_damaged_cell_have_the_types_of_the_others(tmp_path: Path, form: str) -> None:
    document = every_fault()
    rare = {"type": "mixed_formats", "columns": ["joined_on"], "rate": 0.01, "formats": ["%d.%m.%Y"]}
    document["faults"] = {"people": [rare]}
    dataset = datagen.generate(document, tmp_path / "out", partition_rows=1500, format=form)
    assert len(dataset.manifest.tables["people"].files) > 5
    assert datagen.validate(document, tmp_path / "out").passed


def test_a_rate_that_is_not_the_declared_one_is_seen(tmp_path: Path) -> None:
    document = every_fault()
    datagen.generate(document, tmp_path / "out")
    document["faults"]["visits"][0]["rate"] = 0.2
    report = datagen.validate(document, tmp_path / "out")
    wrong = [f for f in report.findings if f.measure == "FaultRate" and f.verdict == "not recovered"]
    assert wrong[0].subject == "rate of the fault wrong_unit" and report.score < 100


def test_a_drift_of_a_column_with_stuck_cells_is_recovered(tmp_path: Path) -> None:
    """Cells that a fault before has damaged are not hit; which ones, the files of drawn rows do not show exactly."""
    stuck = {"type": "stuck", "columns": ["weight"], "rate": 0.02, "rows": 5}
    drift = {"type": "schema_drift", "columns": ["weight"], "drift": "renamed", "to": "kilos", "since": "2024-04-01"}
    document = {**every_fault(), "faults": {"visits": [stuck, drift]}}
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    rates = [f for f in report.findings if f.measure == "FaultRate"]
    assert rates and all(f.verdict == "recovered" for f in rates), [f.message for f in rates]


def test_validation_while_the_data_is_made_sees_the_faults(tmp_path: Path) -> None:
    dataset = datagen.generate(every_fault(), tmp_path / "out", validate=True)
    assert dataset.report is not None and dataset.report.score >= 95
    assert any(f.measure == "FaultRate" for f in dataset.report.findings)


def test_a_run_with_copied_rows_can_be_resumed(tmp_path: Path) -> None:
    document = every_fault()
    datagen.generate(document, tmp_path / "out", partition_rows=4000)
    before = datagen.fingerprint(tmp_path / "out")
    (tmp_path / "out" / "_SUCCESS").unlink()
    (tmp_path / "out" / "people" / "part-00001.parquet").write_bytes(b"damaged")
    datagen.generate(document, tmp_path / "out", partition_rows=4000, resume=True)
    assert datagen.fingerprint(tmp_path / "out") == before


def test_exports_leave_out_what_faults_break() -> None:
    schema = described(Program(SemanticModel(read(every_fault())), 1, 1.0, {}, {}))
    people, visits = schema.tables
    assert people.key == () and visits.key == ("visit_id",) and visits.references == ()
    types = {column.name: str(column.type) for column in people.columns}
    assert types["joined_on"] == "text" and next(c for c in people.columns if c.name == "city").nullable


@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        ({"peopl": []}, "$.faults.peopl: table 'peopl' is unknown; did you mean 'people'? [unknown-table]"),
        (
            {"people": [{"type": "missing", "columns": ["nam"], "rate": 0.1}]},
            "$.faults.people[0].columns[0]: column 'nam' of 'people' is unknown; did you mean 'name'? [unknown-column]",
        ),
        (
            {"people": [{"type": "missing", "columns": ["name"], "rate": 0.1, "start": "2024-02-01"}]},
            (
                "$.faults.people[0].start: rows of 'people' have no time of their own; "
                "use 'when' with a condition on a column of times [no-effect]"
            ),
        ),
    ],
)
def test_problems_stand_at_their_places(faults: dict[str, Any], problem: str) -> None:
    document = {**every_fault(), "faults": faults}
    assert [str(p) for p in datagen.check(document)] == [problem]


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl", "arrow", "delta"])
def test_cells_of_every_type_are_taken_back(tmp_path: Path, form: str) -> None:
    document = every_fault()
    visits = document["tables"]["visits"]
    columns = {
        **visits["columns"],
        "took": {"type": "lognormal", "median": "2h", "sigma": 1},
        "paid": {"type": "boolean"},
        "price": {"type": "uniform", "min": 1, "max": 9, "decimals": 2, "precision": 12},
        "share": {"type": "uniform", "min": 0, "max": 1},
        "day": {"type": "expression", "expression": "CAST(at AS DATE)"},
    }
    people = {**document["tables"]["people"], "rows": 500}
    document["tables"] = {**document["tables"], "people": people, "visits": {**visits, "columns": columns}}
    document["faults"] = {
        "visits": [
            {"type": "missing", "columns": [*columns], "rate": 0.1},
            {"type": "wrong_unit", "columns": ["took", "price", "share", "weight"], "rate": 0.1, "factor": 60},
            {"type": "duplicate", "rate": 0.1, "name": "one copy"},
            {"type": "duplicate", "rate": 0.1, "name": "three copies", "copies": 3},
        ]
    }
    datagen.generate(document, tmp_path / "out", format=form, partition_rows=2000)
    report = datagen.validate(document, tmp_path / "out")
    assert report.passed, [f.message for f in report.findings if f.verdict == "fail"]


def test_two_faults_of_one_kind_are_distinguished_by_their_names(tmp_path: Path) -> None:
    typos = [{"type": "typo", "columns": ["name"], "rate": rate} for rate in (0.3, 0.1)]
    document = {**every_fault(), "faults": {"people": typos}}
    [problem] = datagen.check(document)
    assert (problem.place, problem.code) == ("$.faults.people[1]", "duplicate")
    document["faults"] = {"people": [typos[0], {**typos[1], "name": "rare typo"}]}
    datagen.generate(document, tmp_path / "out")
    rates = [f for f in datagen.validate(document, tmp_path / "out").findings if f.measure == "FaultRate"]
    assert [(f.planted, f.verdict) for f in rates] == [(0.3, "recovered"), (0.1, "recovered")]


def test_rows_are_moved_by_one_fault() -> None:
    late = [{"type": "late", "rate": 0.1, "rows": rows, "name": f"late {rows}"} for rows in (2, 5)]
    [problem] = datagen.check({**every_fault(), "faults": {"visits": late}})
    assert (problem.place, problem.code) == ("$.faults.visits[1]", "conflict")


def test_a_document_that_does_not_read_elsewhere_has_all_its_problems_at_once() -> None:
    document = {"seed": "seven", **every_fault()}
    document["faults"] = {
        "people": [
            {"type": "typo", "columns": ["nam"], "rate": 0.1},
            {"type": "typos", "columns": ["name"], "rate": 0.1},
            {"type": "typo", "columns": ["name"], "rate": 2},
        ]
    }
    assert [problem.place for problem in datagen.check(document)] == [
        "$.seed",
        "$.faults.people[0].columns[0]",
        "$.faults.people[1].type",
        "$.faults.people[2].rate",
    ]


def every_fault() -> dict[str, Any]:
    """A document with every kind of fault that can be judged together."""
    document = dict(Fault.members["typo"].examples[0])
    document["tables"] = {**document["tables"], "people": {**document["tables"]["people"], "rows": 1500}}
    document["faults"] = {
        "people": [
            {"type": "missing", "columns": ["city"], "rate": 0.1, "when": "city = 'Oslo'"},
            {"type": "typo", "columns": ["name"], "rate": 0.1},
            {"type": "letter_case", "columns": ["city"], "rate": 0.1},
            {"type": "white_space", "columns": ["name", "city"], "rate": 0.1},
            {"type": "mojibake", "columns": ["city"], "rate": 0.3},
            {"type": "truncated", "columns": ["name"], "rate": 0.1, "length": 5},
            {"type": "mixed_formats", "columns": ["joined_on"], "rate": 0.3, "formats": ["%d.%m.%Y", "%m/%d/%y"]},
            {"type": "duplicate", "rate": 0.05, "changes": [{"type": "typo", "columns": ["name"], "rate": 1}]},
        ],
        "visits": [
            {"type": "wrong_unit", "columns": ["weight"], "rate": 0.05, "factor": 2.2046},
            {"type": "stuck", "columns": ["weight"], "rate": 0.02, "rows": 5},
            {"type": "orphan", "columns": ["person_id"], "rate": 0.03},
            {"type": "missing", "columns": ["weight"], "rate": 0.5, "start": "2024-03-01", "end": "2024-04-01"},
            {"type": "late", "rate": 0.05, "rows": 3},
        ],
    }
    return document
