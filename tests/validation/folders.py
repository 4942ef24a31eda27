"""A small shop to break: generated once, copied for every test, changed table by table."""

from __future__ import annotations

import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import datagen
from datagen.validation.report.report import Report

START, END = "2024-01-01", "2025-01-01"

SHOP = {
    "datagen": 1,
    "name": "small_shop",
    "seed": 7,
    "window": {"start": START, "end": END},
    "tables": {
        "products": {
            "rows": 40,
            "columns": {
                "product_id": {"type": "key"},
                "sku": {"type": "pattern", "pattern": "SKU-####-??"},
                "kind": {"type": "choice", "values": {"coffee": 5, "tea": 3}},
                "price": {"type": "lognormal", "median": 12, "sigma": 0.4, "min": 1, "max": 90, "decimals": 2},
            },
        },
        "customers": {
            "rows": {"type": "arrivals", "count": 300, "before_window": 0.3},
            "columns": {
                "customer_id": {"type": "key"},
                "created_at": {"type": "arrival_time"},
                "segment": {"type": "choice", "values": {"vip": 1, "standard": 3}},
                "name": {"type": "person_name"},
                "email": {"type": "email", "from": "name", "unique": True},
                "token": {"type": "uuid"},
                "born_on": {"type": "uniform", "min": "1950-01-01", "max": "2005-12-31", "as": "date"},
                "phone": {
                    "type": "pattern",
                    "pattern": "+44 ####",
                    "modifiers": [{"type": "nulls", "share": 0.3, "when": "segment = 'standard'"}],
                },
                "orders": {"type": "count_of", "table": "orders"},
                "referred_by": {"type": "reference", "table": "customers"},
            },
        },
        "orders": {
            "parent": "customers",
            "rows": {"type": "events", "mean_per_month": 1.5},
            "columns": {
                "order_id": {"type": "key"},
                "customer_id": {"type": "parent_key"},
                "ordered_at": {"type": "event_time"},
                "status": {"type": "choice", "values": {"paid": 9, "cancelled": 1}},
                "paid_at": {
                    "type": "after",
                    "column": "ordered_at",
                    "delay": {"type": "lognormal", "median": "2h", "sigma": 1},
                    "when": "status <> 'cancelled'",
                },
                "seen_at": {"type": "time_between", "from": "ordered_at", "to": "window_end"},
                "seller_id": {"type": "reference", "table": "customers", "existing_at": "ordered_at"},
                "fee": {
                    "type": "case",
                    "column": "status",
                    "cases": {"cancelled": {"type": "constant", "value": 0}},
                    "default": {"type": "uniform", "min": 1, "max": 3, "decimals": 0},
                },
                "total": {"type": "sum_of", "table": "items", "expression": "quantity * price"},
                "rounded": {
                    "type": "lognormal",
                    "median": 40,
                    "sigma": 0.5,
                    "decimals": 2,
                    "modifiers": [{"type": "round_to", "endings": {"0.99": 1, "0.49": 1}}],
                },
            },
        },
        "items": {
            "parent": "orders",
            "rows": {"type": "per_parent", "count": {"type": "uniform", "min": 1, "max": 4}},
            "columns": {
                "item_id": {"type": "key"},
                "order_id": {"type": "parent_key"},
                "customer_id": {"type": "parent_key", "table": "customers"},
                "product_id": {"type": "reference", "table": "products", "distinct": True},
                "quantity": {"type": "choice", "values": {"1": 3, "2": 1}},
                "price": {"type": "lookup", "through": "product_id", "column": "price"},
                "gross": {"type": "expression", "expression": "price * quantity * 1.19", "decimals": 2},
                "gift": {"type": "choice", "values": {"true": 1, "false": 9}},
            },
        },
    },
}


def shop(folder: Path) -> Path:
    """The shop, generated into `folder`."""
    datagen.generate(SHOP, folder)
    return folder


def table(folder: Path, name: str) -> pa.Table:
    return pq.read_table(next((folder / name).glob("*.parquet")))


def rewrite(folder: Path, name: str, rows: pa.Table) -> None:
    """Put other rows in place of a table."""
    pq.write_table(rows, next((folder / name).glob("*.parquet")))


def copied(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    return target


def put(rows: pa.Table, column: str, cells: list, type_: pa.DataType | None = None) -> pa.Table:
    """The table with other cells in a column."""
    at = rows.schema.get_field_index(column)
    array = pa.array(cells, type_ or rows.schema.field(column).type)
    return rows.set_column(at, pa.field(column, array.type), array)


def failed(report: Report) -> set[tuple[str, str | None, str]]:
    return {(finding.table, finding.column, finding.measure) for finding in report.failed}
