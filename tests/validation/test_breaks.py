"""Every way to break a dataset fails the constraint that guards it, at its table and column, and no sound dataset fails
any.
"""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import datagen
from tests.validation.folders import SHOP, copied, failed, put, rewrite, table

DAY = timedelta(days=1)


def cells(rows, column, change, at=5):
    """One cell changed."""
    found = rows.column(column).to_pylist()
    found[at] = change(found[at]) if callable(change) else change
    return put(rows, column, found)


def first_with(rows, column, expected):
    return next(i for i, cell in enumerate(rows.column(column).to_pylist()) if expected(cell))


def late_order(rows):
    """An order without a missing payment."""
    return first_with(rows, "paid_at", lambda cell: cell is not None)


def text(rows, column, cell):
    return put(rows, column, [cell, *rows.column(column).to_pylist()[1:]], pa.string())


BREAKS = {
    "a key stands there twice": ("orders", "order_id", "KeyUniqueness", lambda r: pa.concat_tables([r, r.slice(3, 1)])),
    "a key is missing": ("products", "product_id", "NotNull", lambda r: cells(r.cast(nullable(r)), "product_id", None)),
    "an order of nobody": ("orders", "customer_id", "ReferentialIntegrity", lambda r: cells(r, "customer_id", 10**6)),
    "an item of no order": ("items", "order_id", "ReferentialIntegrity", lambda r: cells(r, "order_id", -4)),
    "a product that is not there": (
        "items",
        "product_id",
        "ReferentialIntegrity",
        lambda r: cells(r, "product_id", 41),
    ),
    "an item of another customer": (
        "items",
        "customer_id",
        "ReferentialIntegrity",
        lambda r: cells(r, "customer_id", lambda c: c % 300 + 1),
    ),
    "a total that is not the sum": (
        "orders",
        "total",
        "RowConsistency",
        lambda r: cells(r, "total", lambda c: c + 0.01),
    ),
    "a count that is wrong": ("customers", "orders", "RowConsistency", lambda r: cells(r, "orders", lambda c: c + 1)),
    "a price of another product": ("items", "price", "RowConsistency", lambda r: cells(r, "price", lambda c: c + 5)),
    "an expression not followed": ("items", "gross", "RowConsistency", lambda r: cells(r, "gross", lambda c: c * 2)),
    "an order before its customer": (
        "orders",
        "ordered_at",
        "TemporalOrder",
        lambda r: cells(r, "ordered_at", lambda c: c.replace(year=2021)),
    ),
    "an order after the window": (
        "orders",
        "ordered_at",
        "BoundaryAdherence",
        lambda r: cells(r, "ordered_at", lambda c: c.replace(year=2026)),
    ),
    "a customer after the window": (
        "customers",
        "created_at",
        "BoundaryAdherence",
        lambda r: cells(r, "created_at", lambda c: c.replace(year=2030)),
    ),
    "paid before ordered": (
        "orders",
        "paid_at",
        "TemporalOrder",
        lambda r: cells(r, "paid_at", lambda c: c - 400 * DAY, late_order(r)),
    ),
    "cancelled, yet paid": (
        "orders",
        "paid_at",
        "StructuralNulls",
        lambda r: cells(r, "paid_at", r["ordered_at"][0].as_py(), first_with(r, "status", lambda c: c == "cancelled")),
    ),
    "seen before ordered": (
        "orders",
        "seen_at",
        "TemporalOrder",
        lambda r: cells(r, "seen_at", lambda c: c - 800 * DAY),
    ),
    "sold by someone not yet there": ("orders", "seller_id", "TemporalOrder", lambda r: cells(r, "seller_id", 300, 0)),
    "an unknown status": ("orders", "status", "CategoryAdherence", lambda r: text(r, "status", "lost")),
    "an unknown quantity": ("items", "quantity", "CategoryAdherence", lambda r: cells(r, "quantity", 7)),
    "a fee for what was cancelled": (
        "orders",
        "fee",
        "CategoryAdherence",
        lambda r: cells(r, "fee", 2, first_with(r, "status", lambda c: c == "cancelled")),
    ),
    "a fee out of its case's range": (
        "orders",
        "fee",
        "BoundaryAdherence",
        lambda r: cells(r, "fee", 9, first_with(r, "status", lambda c: c == "paid")),
    ),
    "a price beyond the range": ("products", "price", "BoundaryAdherence", lambda r: cells(r, "price", 90.01)),
    "born too early": (
        "customers",
        "born_on",
        "BoundaryAdherence",
        lambda r: cells(r, "born_on", lambda c: c.replace(year=1890)),
    ),
    "a price that is not rounded": ("orders", "rounded", "RoundedNumbers", lambda r: cells(r, "rounded", 17.35)),
    "an SKU of another pattern": ("products", "sku", "PatternAdherence", lambda r: cells(r, "sku", "sku 17")),
    "an e-mail that is none": ("customers", "email", "PatternAdherence", lambda r: cells(r, "email", "nobody")),
    "an e-mail twice": ("customers", "email", "KeyUniqueness", lambda r: cells(r, "email", r["email"][0].as_py())),
    "a UUID that is none": ("customers", "token", "PatternAdherence", lambda r: cells(r, "token", "x" * 36)),
    "a VIP without a phone": (
        "customers",
        "phone",
        "StructuralNulls",
        lambda r: cells(r, "phone", None, first_with(r, "segment", lambda c: c == "vip")),
    ),
    "referred by someone later": (
        "customers",
        "referred_by",
        "EarlierReferences",
        lambda r: cells(r, "referred_by", 200),
    ),
    "a product twice in one order": (
        "items",
        "product_id",
        "DistinctReferences",
        lambda r: pa.concat_tables([r, r.slice(0, 1)]),
    ),
    "an order without items": (
        "orders",
        None,
        "CardinalityBoundaryAdherence",
        lambda r: pa.concat_tables([r, cells(r.slice(0, 1), "order_id", 10**6, 0).cast(r.schema)]),
    ),
    "a column is gone": ("customers", "segment", "TableStructure", lambda r: r.drop_columns(["segment"])),
    "a column too many": (
        "customers",
        "index",
        "TableStructure",
        lambda r: r.append_column("index", pa.array(range(len(r)))),
    ),
    "no rows at all": ("products", None, "TableStructure", lambda r: r.slice(0, 0)),
    "numbers as text": (
        "products",
        "price",
        "ColumnType",
        lambda r: put(r, "price", list(map(str, r["price"].to_pylist())), pa.string()),
    ),
    "times as numbers": (
        "orders",
        "ordered_at",
        "ColumnType",
        lambda r: r.set_column(2, "ordered_at", r["ordered_at"].cast(pa.int64())),
    ),
    "keys as fractions": (
        "products",
        "product_id",
        "ColumnType",
        lambda r: r.set_column(0, "product_id", pc.add(r["product_id"].cast(pa.float64()), 0.5)),
    ),
    "more decimals than declared": (
        "products",
        "price",
        "ColumnType",
        lambda r: cells(r, "price", lambda c: c + 0.004),
    ),
    "a segment that is a number": (
        "customers",
        "segment",
        "ColumnType",
        lambda r: put(r, "segment", [1] * len(r), pa.int64()),
    ),
}


def nullable(rows):
    return pa.schema([field.with_nullable(True) for field in rows.schema])


def test_a_sound_dataset_passes_every_constraint(whole):
    report = datagen.validate(SHOP, whole)
    assert not report.failed
    assert not [f for f in report.findings if f.group == "constraint" and f.verdict == "not applicable"]
    assert report.rows["products"] == 40


@pytest.mark.parametrize("message", BREAKS)
def test_a_break_fails_its_constraint(message, whole, tmp_path):
    name, column, measure, change = BREAKS[message]
    folder = copied(whole, tmp_path / "out")
    rewrite(folder, name, change(table(folder, name)))
    report = datagen.validate(SHOP, folder)
    assert (name, column, measure) in failed(report)
    assert report.score < 50
    finding = next(f for f in report.failed if (f.table, f.column, f.measure) == (name, column, measure))
    assert finding.count >= 1
    assert finding.rows or measure == "TableStructure"


def test_one_wrong_cell_is_named_with_its_row(whole, tmp_path):
    """A failure gives count, share and the row at fault."""
    folder = copied(whole, tmp_path / "out")
    rows = table(folder, "orders")
    rewrite(folder, "orders", cells(rows, "total", lambda cell: cell + 1, at=17))
    finding = next(f for f in datagen.validate(SHOP, folder).failed if f.column == "total")
    assert finding.count == 1
    assert finding.share == pytest.approx(1 / len(rows))
    assert finding.rows[0]["order_id"] == rows["order_id"][17].as_py()


def test_rows_shuffled_without_a_manifest_are_as_good(whole, tmp_path):
    """Rows are joined by key, in whatever order they come."""
    for name in SHOP["tables"]:
        rows = table(whole, name)
        order = pc.sort_indices(pc.random(len(rows), initializer=3))
        (tmp_path / name).mkdir()
        for part in range(2):
            half = rows.take(order).slice(part * len(rows) // 2, (part + 1) * len(rows) // 2 - part * len(rows) // 2)
            pa.parquet.write_table(half, tmp_path / name / f"{part}.parquet")
    assert not datagen.validate(SHOP, tmp_path).failed
