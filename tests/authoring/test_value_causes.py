"""Every column that changes is told why: its own declaration, what it reads, its parent's rows, its stream's name."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from datagen.authoring.differences import Differences, differences

Document = dict[str, Any]
SHOP: Document = {
    "datagen": 1,
    "name": "shop",
    "window": {"start": "2024-01-01", "end": "2024-07-01"},
    "tables": {
        "products": {
            "rows": 20,
            "columns": {"id": {"type": "key"}, "price": {"type": "uniform", "min": 1, "max": 9, "decimals": 2}},
        },
        "customers": {
            "rows": {"type": "arrivals", "count": 100, "before_window": 1},
            "columns": {
                "id": {"type": "key"},
                "segment": {"type": "choice", "values": {"a": 1, "b": 1}},
                "age": {"type": "uniform", "min": 18, "max": 80},
                "spent": {"type": "sum_of", "table": "orders", "expression": "total"},
            },
            "behaviors": [
                {"type": "segments", "column": "segment", "multiply": {"a": {"orders": 2}, "b": {"orders": 1}}}
            ],
        },
        "orders": {
            "parent": "customers",
            "rows": {"type": "events", "mean_per_month": 1},
            "columns": {
                "id": {"type": "key"},
                "customer_id": {"type": "parent_key"},
                "product_id": {"type": "reference", "table": "products"},
                "price": {"type": "lookup", "through": "product_id", "column": "price"},
                "number": {"type": "uniform", "min": 1, "max": 5, "decimals": 0},
                "total": {"type": "expression", "expression": "price * number"},
            },
        },
    },
}


def compared(change: Callable[[Document], object]) -> Differences:
    other = copy.deepcopy(SHOP)
    change(other)
    return differences(json.dumps(SHOP), json.dumps(other))


def reasons(found: Differences) -> dict[str, set[tuple[str, str]]]:
    """The reasons and sources of each changed column, and of the rows of each table."""
    reported = {
        f"{t.table}.{c}": {(one.reason, one.source) for one in why} for t in found.tables for c, why in t.why.items()
    }
    return reported | {t.table: {(one.reason, one.source) for one in t.why_rows} for t in found.tables if t.why_rows}


def columns(document: Document, table: str) -> Document:
    return document["tables"][table]["columns"]


def test_its_own_declaration_and_the_columns_that_it_reads_are_reported() -> None:
    found = reasons(compared(lambda d: columns(d, "products")["price"].update(max=12)))
    assert found == {
        "products.price": {("declaration", "$.tables.products.columns.price.max")},
        "orders.price": {("reads", "products.price")},
        "orders.total": {("reads", "orders.price")},
        "customers.spent": {("reads", "orders.total")},
    }


def test_more_rows_of_a_parent_are_reported_as_the_cause_of_more_rows() -> None:
    found = reasons(compared(lambda d: d["tables"]["customers"]["rows"].update(count=150)))
    assert found["customers"] == {("rows", "$.tables.customers.rows.count")}
    assert ("parent", "customers") in found["orders"]


def test_a_referenced_table_of_another_size_is_reported() -> None:
    found = reasons(compared(lambda d: d["tables"]["products"].update(rows=40)))
    assert found["orders.product_id"] == {("rows", "products")}
    assert ("reads", "orders.product_id") in found["orders.price"]


def test_a_behavior_is_reported_where_it_acts() -> None:
    found = reasons(compared(lambda d: d["tables"]["customers"]["behaviors"][0]["multiply"]["a"].update(orders=5)))
    assert ("behavior", "$.tables.customers.behaviors[0]") in found["orders"]
    assert "customers.age" not in found
    gone = reasons(compared(lambda d: d["tables"]["customers"].pop("behaviors")))
    assert ("behavior", "$.tables.customers.behaviors[0]") in gone["orders"]


@pytest.mark.parametrize("key, value", [("name", "store"), ("seed", 7)])
def test_the_name_of_every_stream_is_reported(key: str, value: Any) -> None:
    found = reasons(compared(lambda d: d.update({key: value})))
    assert len(found) > 5
    assert all(("stream", f"$.{key}") in why for why in found.values())


def test_a_renamed_column_is_reported_with_its_former_name() -> None:
    def rename(document: Document) -> None:
        made = columns(document, "customers")
        made["years"] = made.pop("age")

    assert reasons(compared(rename))["customers.years"] == {("stream", "customers.age")}


def test_a_renamed_table_is_reported_with_its_former_name() -> None:
    other = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 9, "columns": {"id": {"type": "key"}}}}}
    renamed = {**other, "tables": {"u": other["tables"]["t"]}}  # type: ignore[index]
    assert reasons(differences(json.dumps(other), json.dumps(renamed)))["u"] == {("stream", "t")}


def test_a_correlation_and_the_window_are_reported() -> None:
    def correlate(document: Document) -> None:
        document["tables"]["orders"]["correlations"] = [{"columns": ["number", "weight"], "rho": 0.9}]

    first = copy.deepcopy(SHOP)
    columns(first, "orders")["weight"] = {"type": "normal", "mean": 5, "sd": 1}
    second = copy.deepcopy(first)
    correlate(second)
    found = reasons(differences(json.dumps(first), json.dumps(second)))
    assert found
    assert all(("correlation", "$.tables.orders.correlations") in found[c] for c in found if c.endswith("weight"))
    moved = reasons(compared(lambda d: d["window"].update(end="2024-12-01")))
    assert all(("window", "$.window.end") in why for why in moved.values())


def test_every_changed_column_has_a_cause_in_words() -> None:
    found = compared(
        lambda d: (columns(d, "products")["price"].update(max=12), d["tables"]["products"].update(rows=50))
    )
    for table in found.tables:
        assert set(table.why) >= set(table.changed)
        assert all(cause.text and cause.source for why in table.why.values() for cause in why)
