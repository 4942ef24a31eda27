from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datagen
from tests.promises.documents import tables

PLANS = [["free", 0, 70], ["basic", 9.9, 25], ["pro", 29, 5]]


def document(rows: object) -> dict:
    return {
        "datagen": 1,
        "name": "plans",
        "tables": {
            "plans": {
                "rows": {"type": "listed", **rows},
                "primary_key": ["plan"],
                "columns": {"plan": {"type": "listed", "unique": True}, "price": {"type": "listed"}},
            },
            "subscriptions": {
                "rows": 4000,
                "columns": {
                    "subscription_id": {"type": "key"},
                    "plan": {"type": "reference", "table": "plans"},
                    "price": {"type": "lookup", "through": "plan", "column": "price"},
                    "earlier": {"type": "choice", "table": "plans", "column": "plan", "weight": "share"},
                },
            },
        },
    }


INLINE = document({"columns": ["plan", "price", "share"], "rows": PLANS})


def written(folder: Path, name: str) -> Path:
    """The document with its rows in a file beside it."""
    if name.endswith(".csv"):
        (folder / name).write_text("plan,price,share\nfree,0,70\nbasic,9.90,25\npro,29,5\n")
    else:
        columns = {name: [row[k] for row in PLANS] for k, name in enumerate(("plan", "price", "share"))}
        columns["price"] = [float(price) for price in columns["price"]]
        pq.write_table(pa.table(columns), folder / name)
    (folder / "schema.json").write_text(json.dumps(document({"file": name})))
    return folder / "schema.json"


def test_the_rows_are_those_that_are_listed() -> None:
    assert tables(INLINE)["plans"].to_pylist() == [{"plan": p, "price": price} for p, price, _ in PLANS]


def test_a_natural_key_is_referred_to() -> None:
    prices = {plan: price for plan, price, _ in PLANS}
    rows = tables(INLINE)["subscriptions"].to_pylist()
    assert all(row["price"] == prices[row["plan"]] for row in rows)
    assert {row["plan"] for row in rows} == set(prices)


def test_values_are_chosen_by_the_listed_weight() -> None:
    counts = Counter(row["earlier"] for row in tables(INLINE)["subscriptions"].to_pylist())
    assert all(abs(counts[plan] / 4000 - share / 100) < 0.03 for plan, _, share in PLANS)


@pytest.mark.parametrize("name", ["plans.csv", "plans.parquet"])
def test_a_file_beside_the_document_gives_the_same_rows(tmp_path: Path, name: str) -> None:
    made = datagen.preview(written(tmp_path, name), rows=3)["plans"].to_pylist()
    assert made == [{"plan": p, "price": price} for p, price, _ in PLANS]


def test_another_content_of_the_file_is_another_plan(tmp_path: Path) -> None:
    path = written(tmp_path, "plans.csv")
    before = datagen.plan(path).id
    assert datagen.plan(path).id == before
    (tmp_path / "plans.csv").write_text("plan,price,share\nfree,0,70\nbasic,9.50,25\npro,29,5\n")
    assert datagen.plan(path).id != before


def test_the_made_data_passes_its_validation(tmp_path: Path) -> None:
    path = written(tmp_path, "plans.csv")
    datagen.generate(path, tmp_path / "out", workers=1)
    report = datagen.validate(path, tmp_path / "out")
    assert report.passed


@pytest.mark.parametrize("file, words", [
    ("../plans.csv", "is not in the folder of the document or below"),
    ("none.csv", "cannot be read: no such file or directory"),
    ("large.csv", "more than 2,097,152"),
    ("ragged.csv", "row 1 of 'ragged.csv' has 1 cells for 2 columns"),
    ("bad.parquet", "is no Parquet file"),
])  # fmt: skip
def test_a_file_that_cannot_be_used_is_reported_at_its_place(tmp_path: Path, file: str, words: str) -> None:
    (tmp_path / "large.csv").write_text("a\n" + "x\n" * 2**20 + "\n" * 100)
    (tmp_path / "ragged.csv").write_text("a,b\n1\n")
    (tmp_path / "bad.parquet").write_text("no")
    (tmp_path / "schema.json").write_text(json.dumps(document({"file": file})))
    problems = datagen.check(tmp_path / "schema.json")
    assert [problem.place for problem in problems] == ["$.tables.plans.rows.file"]
    assert words in problems[0].message


def test_a_document_that_is_no_file_has_no_file_beside_it() -> None:
    assert [problem.place for problem in datagen.check(document({"file": "plans.csv"}))] == ["$.tables.plans.rows.file"]


@pytest.mark.parametrize("rows, place", [
    ({"columns": ["plan", "plan"], "rows": []}, "$.tables.plans.rows.columns"),
    ({"columns": ["plan", "price", "share"], "rows": [["a", 1]]}, "$.tables.plans.rows.rows[0]"),
    ({"rows": [["a"]]}, "$.tables.plans.rows.columns"),
])  # fmt: skip
def test_lists_of_the_wrong_shape_are_reported(rows: dict, place: str) -> None:
    assert place in [problem.place for problem in datagen.check(document(rows))]
