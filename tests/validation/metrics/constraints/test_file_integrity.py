"""A dataset of datagen is sound only with the files that its run wrote: each one, no other, byte by byte."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import datagen
from datagen.validation.report.report import Report
from tests.validation.folders import copied

PEOPLE = {
    "datagen": 1,
    "name": "people",
    "tables": {
        "people": {
            "rows": 60,
            "columns": {
                "person_id": {"type": "key"},
                "taste": {"type": "normal", "mean": 0, "sd": 1, "hidden": True},
                "name": {"type": "person_name"},
            },
        },
        "pets": {
            "parent": "people",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {"pet_id": {"type": "key"}, "person_id": {"type": "parent_key"}},
        },
    },
}
PARTS = 3


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people") / "out"
    assert datagen.generate(PEOPLE, folder, partition_rows=60).manifest.files >= 3 * PARTS
    return folder


@pytest.fixture
def out(made: Path, tmp_path: Path) -> Path:
    return copied(made, tmp_path / "out")


def first(folder: Path) -> Path:
    return min(folder.glob("*.parquet"))


def changed(report: Report) -> dict[str, list[str]]:
    """The faults of files by table. They are the only failures."""
    assert {finding.measure for finding in report.failed} <= {"FileIntegrity"}
    return {finding.table: [row["file"] for row in finding.rows] for finding in report.failed}


def rewritten(path: Path) -> str:
    """Write the same rows with other bytes. Returns the key of the file."""
    pq.write_table(pq.read_table(path), path, compression="gzip")
    return f"{path.parent.name}/{path.name}"


def test_the_files_of_a_run_are_as_they_were_written(made: Path) -> None:
    report = datagen.validate(PEOPLE, made)
    assert report.passed and report.score == 100
    found = [f.message for f in report.findings if f.measure == "FileIntegrity"]
    assert len(found) == 2 and all("as the run wrote them" in message for message in found)


def test_an_altered_file_is_named_unless_hashes_are_not_compared(out: Path) -> None:
    key = rewritten(first(out / "pets"))
    report = datagen.validate(PEOPLE, out)
    assert changed(report) == {"pets": [f"{key} has other bytes than the run wrote"]}
    assert report.score < 50
    assert "--no-hashes" in report.failed[0].message
    assert datagen.validate(PEOPLE, out, hashes=False).score == 100


def test_altered_truth_is_named(out: Path) -> None:
    key = rewritten(first(out / "_truth" / "people"))
    assert changed(datagen.validate(PEOPLE, out)) == {"people": [f"_truth/{key} has other bytes than the run wrote"]}


@pytest.mark.parametrize("hashes", [True, False])
def test_missing_truth_is_named(out: Path, hashes: bool) -> None:
    shutil.rmtree(out / "_truth")
    faults = changed(datagen.validate(PEOPLE, out, hashes=hashes))["people"]
    assert len(faults) >= PARTS
    assert all(fault.startswith("_truth/people/part-") and fault.endswith(" is missing") for fault in faults)


@pytest.mark.parametrize("hashes", [True, False])
def test_tables_and_files_of_nobody_are_named(out: Path, hashes: bool) -> None:
    (out / "guests").mkdir()
    shutil.copy(first(out / "pets"), out / "guests" / "part-00000.parquet")
    (out / "notes.txt").write_text("not data")
    faults = changed(datagen.validate(PEOPLE, out, hashes=hashes))
    assert faults == {"people": ["guests is not of this run"]}


def test_a_file_beside_those_of_its_table_is_named(out: Path) -> None:
    empty = pq.read_table(first(out / "pets")).slice(0, 0)
    pq.write_table(empty, out / "pets" / "more.parquet")
    assert changed(datagen.validate(PEOPLE, out)) == {"pets": ["pets/more.parquet is not a file of this run"]}


def test_other_faults_are_found_beside_it(out: Path) -> None:
    path = first(out / "pets")
    pq.write_table(pq.read_table(path).slice(1), path)
    measures = {(f.table, f.measure) for f in datagen.validate(PEOPLE, out).failed}
    assert measures > {("pets", "FileIntegrity")}


def test_data_of_other_writers_has_no_files_to_compare(out: Path, tmp_path: Path) -> None:
    for table in ("people", "pets"):
        pq.write_table(pq.read_table(out / table), tmp_path / f"{table}.parquet")
    report = datagen.validate(PEOPLE, tmp_path)
    assert report.passed and not [f for f in report.findings if f.measure == "FileIntegrity"]
