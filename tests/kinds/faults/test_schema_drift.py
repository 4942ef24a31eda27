from __future__ import annotations

from datetime import datetime

import pyarrow.parquet as pq
import pytest

import datagen
from datagen.interop.export import export
from tests.kinds.faults.damage import document_of_visits, problems, visits

SINCE = datetime(2024, 7, 1)  # noqa: DTZ001 (times are in UTC)


def drift(**more: object) -> dict:
    return {"type": "schema_drift", "columns": ["weight"], "drift": "dropped", "since": "2024-07-01", **more}


@pytest.mark.parametrize("change", ["dropped", "added"])
def test_cells_are_missing_on_one_side_of_the_date(change: str) -> None:
    made = visits(drift(drift=change))
    for at, cell in zip(made.dirty["at"].to_pylist(), made.dirty["weight"].to_pylist(), strict=True):
        assert (cell is None) == ((at >= SINCE) == (change == "dropped"))
    assert made.hit("weight")


def test_retyped_cells_stand_in_a_text() -> None:
    made = visits(drift(drift="retyped", columns=["visit_id"], form="v-{}"))
    clean, dirty = made.clean["visit_id"].to_pylist(), made.dirty["visit_id"].to_pylist()
    for at, was, now in zip(made.dirty["at"].to_pylist(), clean, dirty, strict=True):
        assert now == (f"v-{was}" if at >= SINCE else f"{was}")


def test_some_producers_have_not_changed() -> None:
    made = visits(drift(rate=0.5))
    times, cells = made.dirty["at"].to_pylist(), made.dirty["weight"].to_pylist()
    late = [cell for at, cell in zip(times, cells, strict=True) if at >= SINCE]
    assert 0.35 < sum(cell is None for cell in late) / len(late) < 0.65


def test_cells_of_a_renamed_column_are_in_the_new_one_from_the_date_on() -> None:
    made = visits(drift(drift="renamed", to="mass"), {"type": "missing", "columns": ["weight"], "rate": 0.2})
    assert made.dirty.column_names == [*made.clean.column_names, "mass"]
    for row, clean in zip(made.dirty.to_pylist(), made.clean["weight"].to_pylist(), strict=True):
        if row["at"] >= SINCE:
            assert (row["weight"], row["mass"]) == (None, clean)
        else:
            assert row["mass"] is None and row["weight"] in (clean, None)
    assert made.hit("mass") == [i for i, mass in enumerate(made.dirty["mass"].to_pylist()) if mass is not None]


def test_a_cell_that_another_fault_has_damaged_is_not_moved() -> None:
    made = visits({"type": "missing", "columns": ["weight"], "rate": 0.3}, drift(drift="renamed", to="mass"))
    late = [row for row in made.dirty.to_pylist() if row["at"] >= SINCE]
    assert all(row["weight"] is None for row in late)
    assert 0.2 < sum(row["mass"] is None for row in late) / len(late) < 0.4


def test_a_renamed_category_and_its_exports(tmp_path) -> None:
    document = document_of_visits(drift(drift="renamed", to="type of visit", columns=["kind"], rate=0.8))
    document["tables"]["visits"]["columns"]["kind"] = {"type": "choice", "values": {"short": 1, "long": 2}}
    datagen.generate(document, tmp_path / "dirty", workers=1)
    datagen.generate(document, tmp_path / "clean", workers=1, clean=True)
    report = datagen.validate(document, tmp_path / "dirty")
    rates = [one for one in report.findings if one.measure == "FaultRate"]
    assert report.passed
    assert [(one.column, one.verdict) for one in rates] == [("kind", "recovered")]
    differ = datagen.compare(tmp_path / "dirty", tmp_path / "clean").tables["visits"].columns
    key = pq.read_table(tmp_path / "dirty" / "_truth" / "faults")
    assert differ == {"kind": sum(column == "kind" for column in key["column"].to_pylist())}
    assert '"type of visit"' in export(document, "ddl")


@pytest.mark.parametrize("fault, of, message", [
    (drift(drift="retyped"), "visits", "a retyped column needs a text around its cells"),
    (drift(form="{} kg"), "visits", "columns that are dropped have no form"),
    (drift(drift="renamed"), "visits", "the new name of the column is missing"),
    (drift(drift="renamed", to="At"), "visits", "'visits' has a column 'At' already"),
    (drift(to="mass"), "visits", "columns that are dropped have no new name"),
    (drift(drift="renamed", to="x", columns=["weight", "at"]), "visits", "one new name is for one column"),
    (drift(columns=["name"]), "people", "rows of 'people' have no time of their own"),
    (drift(columns=["wight"]), "visits", "column 'wight' of 'visits' is unknown"),
])  # fmt: skip
def test_problems(fault: dict, of: str, message: str) -> None:
    assert any(message in problem for problem in problems(fault, of=of))


def test_a_new_name_is_given_once_and_not_to_copies() -> None:
    renamed = drift(drift="renamed", to="mass")
    other = drift(drift="renamed", to="MASS", columns=["visit_id"], name="other")
    assert any("adds a column of this name" in problem for problem in problems(renamed, other, of="visits"))
    copies = {"type": "duplicate", "rate": 0.1, "changes": [renamed]}
    assert any("a copy cannot have the fault" in problem for problem in problems(copies, of="visits"))
