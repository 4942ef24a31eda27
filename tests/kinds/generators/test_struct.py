"""Structs, lists and maps in every format: the same cells, read back by other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import datagen
from datagen.interop.export import export
from tests.fakes import column, listed, problems
from tests.promises.documents import tables
from tests.validation.folders import failed, put, rewrite, table

NULLS = [{"type": "nulls", "share": 0.2}]
WIDE: dict[str, Any] = {
    "datagen": 1,
    "name": "nested",
    "tables": {
        "products": {
            "rows": 200,
            "columns": {
                "product_id": {"type": "key"},
                "kind": {"type": "choice", "values": ["a", "b"]},
                "size": {
                    "type": "struct",
                    "modifiers": NULLS,
                    "fields": {
                        "width": {"type": "uniform", "min": 1, "max": 9, "decimals": 1, "modifiers": NULLS},
                        "made": {"type": "time_between", "from": "2024-01-01", "to": "2024-05-01"},
                        "code": {"type": "expression", "expression": "kind || '\"'"},
                    },
                },
                "tags": {
                    "type": "list",
                    "length": {"type": "poisson", "mean": 2},
                    "of": {"type": "choice", "values": ["x", "y"]},
                    "modifiers": NULLS,
                },
                "points": {
                    "type": "list",
                    "length": 2,
                    "of": {
                        "type": "struct",
                        "fields": {
                            "x": {"type": "normal", "mean": 0, "sd": 1},
                            "by": {"type": "expression", "expression": "kind"},
                        },
                    },
                },
                "ratings": {
                    "type": "map",
                    "keys": {"taste": 1, "look": 0.5},
                    "values": {"type": "choice", "values": {"1": 1, "5": 2}},
                    "modifiers": NULLS,
                },
                "history": {
                    "type": "map",
                    "keys": {"q1": 1, "q2": 0.5},
                    "values": {"type": "list", "length": 2, "of": {"type": "uniform", "min": 0, "max": 1}},
                },
            },
        }
    },
}


def test_fields_are_filled_and_missing_by_themselves() -> None:
    cells = tables(WIDE)["products"].to_pylist()
    sizes = [row["size"] for row in cells if row["size"] is not None]
    assert 130 < len(sizes) < 190
    assert 0 < sum(size["width"] is None for size in sizes) < 80
    assert all(row["size"]["code"] == f'{row["kind"]}"' for row in cells if row["size"])
    assert all(point["by"] == row["kind"] for row in cells for point in row["points"])


@pytest.mark.parametrize("name", ["parquet", "csv", "jsonl", "arrow"])
def test_every_format_keeps_them(name: str, tmp_path: Path) -> None:
    datagen.generate(WIDE, tmp_path / "one")
    datagen.generate({**WIDE, "output": {"type": name}}, tmp_path / "out", partition_rows=60)
    assert datagen.fingerprint(tmp_path / "out") == datagen.fingerprint(tmp_path / "one")
    report = datagen.validate(WIDE, tmp_path / "out")
    assert report.passed, report.failed
    assert ("products", "tags", "ColumnType") not in failed(report)


def test_other_tools_read_them(tmp_path: Path) -> None:
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    datagen.generate(WIDE, tmp_path / "out")
    (file,) = (tmp_path / "out" / "products").glob("*.parquet")
    required = pq.read_table(file).to_pylist()
    query = (
        f"SELECT size.width, len(tags), points[2].x, ratings['taste'], history['q1'][1] FROM '{file}' ORDER BY "
        f"product_id"
    )
    expected = [
        (
            row["size"] and row["size"]["width"],
            row["tags"] if row["tags"] is None else len(row["tags"]),
            row["points"][1]["x"],
            row["ratings"] and dict(row["ratings"])["taste"],
            dict(row["history"])["q1"][0],
        )
        for row in required
    ]
    assert duckdb.sql(query).fetchall() == expected
    frame = polars.read_parquet(file)
    assert frame["tags"].to_list() == [row["tags"] for row in required]
    assert [cell and cell["width"] for cell in frame["size"].to_list()] == [
        row["size"] and row["size"]["width"] for row in required
    ]


def test_ddl_of_duckdb_takes_them(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    datagen.generate(WIDE, tmp_path / "out")
    connection = duckdb.connect()
    connection.execute(export(WIDE, "ddl", dialect="duckdb"))
    connection.execute(f"INSERT INTO products SELECT * FROM '{tmp_path}/out/products/*.parquet'")
    assert connection.execute("SELECT count(*) FROM products WHERE size IS NULL").fetchall()[0][0] > 0
    assert '"tags" TEXT[]' in export(WIDE, "ddl", dialect="postgres")
    assert "ARRAY<STRUCT<" in export(WIDE, "ddl", dialect="bigquery")


def test_validation_judges_lengths_and_types(tmp_path: Path) -> None:
    datagen.generate(WIDE, tmp_path / "out")
    rows = table(tmp_path / "out", "products")
    points = rows["points"].to_pylist()
    points[3] = points[3][:1]
    wrong = put(rows, "points", points, rows.schema.field("points").type)
    rewrite(tmp_path / "out", "products", put(wrong, "ratings", list(range(200)), pa.int64()))
    found = failed(datagen.validate(WIDE, tmp_path / "out"))
    assert {("products", "points", "LengthRange"), ("products", "ratings", "ColumnType")} <= found


def test_expressions_do_not_read_them() -> None:
    document = {**WIDE, "tables": {"products": {**WIDE["tables"]["products"]}}}
    document["tables"]["products"]["columns"] = {
        **WIDE["tables"]["products"]["columns"],
        "wrong": {"type": "expression", "expression": "tags || 'x'"},
    }
    (problem,) = datagen.check(document)
    assert "'tags' is a list, and expressions read single values" in str(problem)


@pytest.mark.parametrize(
    "part, message",
    [
        ({"type": "key"}, "'key' numbers rows, not parts of a cell"),
        ({"type": "lognormal", "median": -1, "sigma": 1}, "median"),
        ({"type": "choice", "values": ["a"], "hidden": True}, "has no 'hidden' of its own"),
        (
            {"type": "normal", "mean": 0, "sd": 1, "decimals": 2, "precision": 9},
            "has no 'precision' of its own",
        ),
    ],
)
def test_problems_of_fields_are_found(part: dict[str, Any], message: str) -> None:
    document = {
        "datagen": 1,
        "name": "x",
        "tables": {"t": {"rows": 3, "columns": {"s": {"type": "struct", "fields": {"p": part}}}}},
    }
    found = datagen.check(document)
    assert any(message in str(problem) and ".fields.p" in str(problem) for problem in found), found


def test_a_field_reads_columns_of_its_row() -> None:
    made = column({"type": "struct", "fields": {"twice": {"type": "expression", "expression": "id * 2"}}}, 5)
    assert listed(made) == [{"twice": 2 * i} for i in range(1, 6)]
    assert problems({"type": "struct", "fields": {"a": 1}}) == []
