"""The same data is judged alike in every format, whoever wrote it, in one slice or in many."""

from __future__ import annotations

import pickle

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import datagen
from datagen.validation import validate
from datagen.validation.inputs.discovery import found
from datagen.validation.slicing.external import foreign, is_large, shared
from datagen.validation.validate import validated
from tests.validation.folders import SHOP, failed, put, table


@pytest.mark.parametrize("output", ["csv", "jsonl", "parquet"])
def test_every_format_that_datagen_writes_is_sound(output, tmp_path):
    document = {**SHOP, "output": output}
    datagen.generate(document, tmp_path / "out")
    report = datagen.validate(document, tmp_path / "out")
    assert not report.failed
    assert report.rows["products"] == 40
    assert report.rows["customers"] == 300


def plain(rows: pa.Table) -> pa.Table:
    columns = [c.cast(c.type.value_type) if pa.types.is_dictionary(c.type) else c for c in rows.columns]
    return pa.table(columns, rows.column_names)


def shuffled(rows: pa.Table) -> pa.Table:
    return rows.take(pc.sort_indices(pc.random(len(rows), initializer=3)))


def elsewhere(whole, folder, write, change=lambda name, rows: rows):
    """The shop as others would write it: no manifest, one file per table, rows in any order."""
    for name in SHOP["tables"]:
        write(change(name, shuffled(plain(table(whole, name)))), folder / name)


def as_csv(rows, path):
    pa.csv.write_csv(rows, path.with_suffix(".csv"))


def as_parquet(rows, path):
    pq.write_table(rows, path.with_suffix(".parquet"))


def as_pandas_would(rows, path):
    """Integers with gaps as floats, nanoseconds, text for categories."""
    fields = {
        "seller_id": pa.float64(),
        "referred_by": pa.float64(),
        "ordered_at": pa.timestamp("ns"),
        "created_at": pa.timestamp("ms"),
    }
    columns = [
        c.cast(fields.get(name, c.type), safe=False) for name, c in zip(rows.column_names, rows.columns, strict=True)
    ]
    pq.write_table(pa.table(columns, rows.column_names), path.with_suffix(".parquet"))


@pytest.mark.parametrize("write", [as_csv, as_parquet])
@pytest.mark.parametrize("most", [10**6, 900])
def test_files_of_others_are_as_good(write, most, whole, tmp_path, monkeypatch):
    """Whether they fit in one slice, or are divided by root key."""
    elsewhere(whole, tmp_path, write)
    monkeypatch.setattr(validate, "foreign", lambda view, scratch: foreign(view, scratch, most))
    report = datagen.validate(SHOP, tmp_path)
    assert not report.failed
    assert not [f for f in report.findings if f.group == "constraint" and f.verdict == "not applicable"]
    assert report.rows["products"] == 40


def test_what_pandas_makes_of_a_table_is_understood(whole, tmp_path):
    elsewhere(whole, tmp_path, as_pandas_would)
    assert {found for found in failed(datagen.validate(SHOP, tmp_path)) if found[2] == "ColumnType"} == set()


def test_money_as_decimals_is_understood(whole, tmp_path):
    def change(name, rows):
        money = [f.name for f in rows.schema if pa.types.is_floating(f.type)]
        for column in money:
            at = rows.schema.get_field_index(column)
            rows = rows.set_column(at, column, rows[column].cast(pa.decimal128(12, 3), safe=False))
        return rows

    elsewhere(whole, tmp_path, as_parquet, change)
    assert not datagen.validate(SHOP, tmp_path).failed


@pytest.mark.parametrize("most", [10**6, 900])
def test_a_break_is_found_however_the_data_is_cut(most, whole, tmp_path, monkeypatch):
    def change(name, rows):
        if name == "items":
            rows = put(rows, "order_id", [10**6, *rows["order_id"].to_pylist()[1:]])
        if name == "customers":
            rows = put(rows, "email", [rows["email"][1].as_py(), *rows["email"].to_pylist()[1:]])
        return rows

    elsewhere(whole, tmp_path, as_parquet, change)
    monkeypatch.setattr(validate, "foreign", lambda view, scratch: foreign(view, scratch, most))
    report = datagen.validate(SHOP, tmp_path)
    assert {("items", "order_id", "ReferentialIntegrity"), ("customers", "email", "KeyUniqueness")} <= failed(report)
    found = next(f for f in report.failed if f.measure == "ReferentialIntegrity" and f.table == "items")
    assert found.count == 1


def test_workers_elsewhere_divide_the_data_themselves(whole, tmp_path, monkeypatch):
    """They are told where the data lies and which share is theirs, and no path of a temporary folder of the driver."""
    (tmp_path / "data").mkdir()
    elsewhere(whole, tmp_path / "data", as_parquet)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    monkeypatch.setattr(validate, "is_large", lambda view: is_large(view, 900))
    monkeypatch.setattr(validate, "shared", lambda view: shared(view, 900))
    told = []

    def spread(observe, todo):
        told.extend(todo)
        sent = pickle.loads(pickle.dumps((observe, todo)))  # as to a worker
        yield from zip(todo, map(sent[0], sent[1]), strict=True)
        assert list(scratch.glob("*/*/*/*.parquet")), "a worker divides into its own temporary files"
        sent[0].close()

    schema = datagen.read(SHOP)
    source = found(tmp_path / "data", schema.document.tables)
    report = validated(schema, source, spread, apart=lambda: True)
    assert max(shares for _, shares in (piece.share for piece in told if piece.share)) > 1
    assert sum(piece.rows for piece in told) == sum(report.rows.values())
    paths = [file.path for piece in told for files in piece.files.values() for file in files]
    assert all(path.startswith(str(tmp_path / "data")) for path in paths)
    monkeypatch.setattr(validate, "foreign", lambda view, scratch: foreign(view, scratch, 900))
    here = datagen.validate(SHOP, tmp_path / "data")
    assert (report.score, report.failed) == (here.score, here.failed)
    assert list(scratch.iterdir()) == []


def test_nothing_is_left_behind(whole, tmp_path, monkeypatch):
    """Files that data was divided into are gone afterwards."""
    elsewhere(whole, tmp_path, as_parquet)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr(validate, "foreign", lambda view, scratch: foreign(view, scratch, 900))
    datagen.validate(SHOP, tmp_path)
    assert list((tmp_path / "scratch").iterdir()) == []


CSV = """product_id,sku,kind,price
1,SKU-0001-AB,coffee,12.50
2,SKU-0002-AB,tea,9
x,SKU-0003-AB,tea,1e1
4,SKU-0004-AB,,nine
"""


def test_text_that_does_not_fit_is_counted_cell_by_cell(tmp_path):
    (tmp_path / "products.csv").write_text(CSV)
    report = datagen.validate(SHOP, tmp_path)
    bad = {f.column: (f.count, f.rows) for f in report.failed if f.table == "products" and f.measure == "ColumnType"}
    assert bad["product_id"][0] == 1
    assert bad["product_id"][1][0]["product_id"] == "x"
    assert bad["price"][0] == 1
    assert ("products", "kind", "NotNull") in failed(report)


def as_json_of_pandas(rows, path):
    """Integers with gaps are written as 12.0."""
    rows.to_pandas().to_json(
        path.with_suffix(".jsonl"), orient="records", lines=True, date_format="iso", date_unit="us"
    )


def in_single_precision(rows, path):
    columns = [c.cast(pa.float32()) if pa.types.is_float64(c.type) else c for c in rows.columns]
    as_parquet(pa.table(columns, rows.column_names), path)


@pytest.mark.parametrize("write", [as_json_of_pandas, in_single_precision])
def test_numbers_are_understood_however_they_are_written(write, whole, tmp_path):
    """Money of a few digits is exact in single precision, too, once it is rounded to its cents."""
    elsewhere(whole, tmp_path, write)
    assert not datagen.validate(SHOP, tmp_path).failed
