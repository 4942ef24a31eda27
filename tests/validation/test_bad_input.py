"""Data that cannot be judged ends in one clear sentence and exit code 2, never in a traceback."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import datagen
from datagen.errors import DataError
from datagen.validation.report.summary import explained
from tests.validation.folders import SHOP, copied, failed, put, rewrite, table


def refused(folder) -> str:
    with pytest.raises(DataError) as caught:
        datagen.validate(SHOP, folder)
    assert caught.value.exit_code == 2
    return str(caught.value)


def refused_or_failed(folder, file) -> bool:
    """Whether validation fails a constraint, or names the file that it cannot read."""
    try:
        return not datagen.validate(SHOP, folder).passed
    except DataError as error:
        return file in str(error)


def test_no_folder(tmp_path):
    assert refused(tmp_path / "nowhere").startswith("there is no folder")


def test_a_file_in_place_of_a_folder(tmp_path):
    (tmp_path / "file").write_text("x")
    assert "is not a folder" in refused(tmp_path / "file")


def test_an_empty_folder(tmp_path):
    assert "it is empty" in refused(tmp_path)


def test_the_data_of_another_schema(tmp_path):
    (tmp_path / "flights").mkdir()
    assert "has none of the tables of the schema (products, customers, orders, items): it has flights" in refused(
        tmp_path
    )


def test_a_truncated_file(whole, tmp_path):
    folder = copied(whole, tmp_path / "out")
    file = next((folder / "orders").glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-100])
    assert refused(folder).startswith(f"cannot read '{file}'")


def test_a_file_whose_pages_are_damaged(whole, tmp_path):
    folder = copied(whole, tmp_path / "out")
    file = next((folder / "orders").glob("*.parquet"))
    data = bytearray(file.read_bytes())
    data[4:2000] = bytes(1996)
    file.write_bytes(data)
    assert "cannot read" in refused(folder)


def test_a_file_that_is_something_else(whole, tmp_path):
    folder = copied(whole, tmp_path / "out")
    next((folder / "orders").glob("*.parquet")).write_text("hello")
    assert "cannot read" in refused(folder)


def test_a_symbolic_link(whole, tmp_path):
    folder = copied(whole, tmp_path / "out")
    (folder / "orders").rename(tmp_path / "elsewhere")
    (folder / "orders").symlink_to(tmp_path / "elsewhere")
    assert "'orders' in" in refused(folder)
    assert "is a symbolic link" in refused(folder)


def test_a_table_in_two_formats(whole, tmp_path):
    folder = copied(whole, tmp_path / "out")
    (folder / "orders.csv").write_text("order_id\n1\n")
    assert "in several formats" in refused(folder)


def test_a_table_that_is_missing_fails_a_constraint(whole, tmp_path):
    folder = copied(whole, tmp_path / "out")
    next((folder / "items").glob("*.parquet")).unlink()
    report = datagen.validate(SHOP, folder)
    assert failed(report) == {("items", None, "TableStructure"), ("items", None, "FileIntegrity")}
    assert "there are no files for table 'items'" in [finding.message for finding in report.failed]


def test_a_csv_with_another_header_fails_a_constraint(whole, tmp_path):
    """Every column that is missing and every one that is not declared is named."""
    rows = (
        table(whole, "products").select(["product_id", "sku", "price"]).rename_columns(["product_id", "code", "price"])
    )
    pa.csv.write_csv(rows, tmp_path / "products.csv")
    found = failed(datagen.validate(SHOP, tmp_path))
    assert {("products", column, "TableStructure") for column in ("sku", "kind", "code")} <= found


@pytest.mark.parametrize(
    "content", [b"", b"\n\n\n", b"\xff\xfe\x00a", b"product_id,product_id\n1,2\n", b"product_id\n1,2,3\n"]
)
def test_a_csv_that_is_none(content, tmp_path):
    (tmp_path / "products.csv").write_bytes(content)
    assert refused_or_failed(tmp_path, "products.csv")


@pytest.mark.parametrize(
    "content", [b"", b"[1, 2]\n", b'{"product_id": 1}\n{"product_id": \n', b'{"product_id": {"a": 1}}\n', b"\x00\x01"]
)
def test_json_lines_that_are_none(content, tmp_path):
    (tmp_path / "products.jsonl").write_bytes(content)
    assert refused_or_failed(tmp_path, "products.jsonl")


@pytest.mark.parametrize(
    "type_",
    [pa.list_(pa.int64()), pa.struct([("a", pa.int64())]), pa.binary(), pa.null(), pa.time64("us"), pa.float16()],
)
@pytest.mark.parametrize("column", ["product_id", "sku", "kind", "price"])
def test_columns_of_any_other_type_fail_a_constraint(column, type_, whole, tmp_path):
    rows = table(whole, "products")
    at = rows.schema.get_field_index(column)
    other = pa.nulls(len(rows), type_)
    pq.write_table(rows.set_column(at, column, other), tmp_path / "products.parquet")
    report = datagen.validate(SHOP, tmp_path)
    assert {column} & {finding.column for finding in report.failed if finding.table == "products"}


def test_the_manifest_of_someone_else_is_not_believed(whole, tmp_path):
    """A broken or hostile manifest is named, and the files are judged as they are."""
    folder = copied(whole, tmp_path / "out")
    (folder / "manifest.json").write_text('{"tables": {"../../etc": {}}}')
    (finding,) = datagen.validate(SHOP, folder).failed
    assert finding.rows == ({"file": "manifest.json is missing, damaged or of another version"},)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"product_id;sku;kind;price\n1;a;tea;2.5\n", "separated by ';'; write commas"),
        (b"product_id\tsku\tkind\tprice\n1\ta\ttea\t2.5\n", "separated by a tab"),
        (b"product_id,sku,sku\n1,a,b\n", "its header has a column name twice, 'sku'"),
        (b"product_id,sku\n1,\xe4\xff\n", "it is not UTF-8 text, and seems to be Latin-1"),
        ("product_id,sku\n1,a\n".encode("utf-16"), "it is not UTF-8 text, and seems to be UTF-16-LE"),
        ("product_id,sku\n1,a\n".encode("utf-16-be"), "it is not UTF-8 text, and seems to be UTF-16-BE"),
    ],
)
def test_a_csv_of_another_kind_is_reported_as_such(content, words, tmp_path):
    (tmp_path / "products.csv").write_bytes(content)
    assert words in refused(tmp_path)


def test_a_parquet_file_with_a_column_twice(whole, tmp_path):
    rows = table(whole, "products")
    pq.write_table(rows.append_column("price", rows["price"]), tmp_path / "products.parquet")
    assert "its header has a column name twice, 'price'" in refused(tmp_path)


def test_a_folder_that_may_not_be_read(whole, tmp_path, monkeypatch):
    folder = copied(whole, tmp_path / "out")
    inside = Path.iterdir

    def forbidden(path):
        if path.name == "orders":
            raise PermissionError(13, "Permission denied", str(path))
        return inside(path)

    monkeypatch.setattr(Path, "iterdir", forbidden)
    assert refused(folder) == f"cannot read '{folder / 'orders'}': permission denied"


def test_rows_without_a_parent_key_are_judged_by_their_own_columns(tmp_path):
    """A document may leave out the key of the parent. What needs the parent is not judged, and the report says so."""
    schema = {
        "datagen": 1,
        "name": "unjoined",
        "seed": 1,
        "tables": {
            "users": {"rows": 50, "columns": {"user_id": {"type": "key"}}},
            "orders": {
                "parent": "users",
                "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 3}},
                "columns": {"order_id": {"type": "key"}, "amount": {"type": "normal", "mean": 5, "sd": 1}},
            },
            "items": {
                "parent": "orders",
                "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 3}},
                "columns": {"order_id": {"type": "parent_key"}, "mark": {"type": "uniform", "min": 0, "max": 1}},
            },
        },
    }
    datagen.generate(schema, tmp_path / "out")
    report = datagen.validate(schema, tmp_path / "out")
    why = "'orders' has no column of type 'parent_key' to join its rows to those of 'users'; a hidden one is enough"
    assert report.passed and report.score == 100
    assert [(one.table, one.message) for one in report.unjudged] == [("orders", why)]
    assert f"What the rows of orders have to do with their parents cannot be judged: {why}. " in explained(report)
    verdicts = {(one.table, one.column, one.measure): one.verdict for one in report.findings}
    assert verdicts["orders", "amount", "KSComplement"] == "pass"
    assert verdicts["items", "order_id", "ReferentialIntegrity"] == "pass"
    assert verdicts["orders", None, "CardinalityShapeSimilarity"] == "not applicable"
    orders = table(tmp_path / "out", "orders")
    rewrite(tmp_path / "out", "orders", put(orders, "order_id", [2, *orders["order_id"].to_pylist()[1:]]))
    assert ("orders", "order_id", "KeyUniqueness") in failed(datagen.validate(schema, tmp_path / "out"))


def test_files_in_a_format_that_is_not_read_are_named(tmp_path):
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "a.csv.gz").write_bytes(b"")
    assert "no file of 'orders'" in refused(tmp_path) and "a.csv.gz; known: parquet, csv" in refused(tmp_path)
