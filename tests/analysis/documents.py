"""Documents that the tests of the checks begin with, and ways to spoil them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from datagen.analysis import check
from datagen.errors import SchemaError
from datagen.schema.reading.read import read_tolerant

SHOP: dict[str, Any] = {
    "datagen": 1,
    "name": "shop",
    "window": {"start": "2024-01-01", "end": "2025-01-01"},
    "tables": {
        "customers": {
            "rows": {"type": "arrivals", "count": 100},
            "columns": {
                "customer_id": {"type": "key"},
                "created_at": {"type": "arrival_time"},
                "segment": {"type": "choice", "values": ["vip", "standard"]},
            },
        },
        "orders": {
            "parent": "customers",
            "rows": {"type": "events", "mean_per_month": 2},
            "columns": {
                "order_id": {"type": "key"},
                "customer_id": {"type": "parent_key"},
                "ordered_at": {"type": "event_time"},
                "amount": {"type": "lognormal", "median": 30, "sigma": 1, "decimals": 2},
                "note": {"type": "constant", "value": "x", "modifiers": [{"type": "nulls", "share": 0.5}]},
            },
        },
    },
}


def shop(**tables: dict[str, Any]) -> dict[str, Any]:
    """The shop with other tables, or with keys of its tables replaced; `columns` are added to those there are."""
    document = copy.deepcopy(SHOP)
    for name, changes in tables.items():
        table = document["tables"].setdefault(name, {})
        for key, value in changes.items():
            table[key] = {**table.get("columns", {}), **value} if key == "columns" else value
    return document


def reported(document: dict[str, Any]) -> list[str]:
    """Everything that is wrong with a document, one text each."""
    try:
        return [str(problem) for problem in check(read_tolerant(document))]
    except SchemaError as error:
        return [str(problem) for problem in error.problems]


def places(data: Any, keys: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place of a document but its root."""
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inside:
        yield (*keys, key)
        yield from places(value, (*keys, key))
