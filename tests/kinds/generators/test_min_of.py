from __future__ import annotations

import pytest

import datagen
from tests.promises.documents import tables


def document(**column: object) -> dict:
    return {
        "datagen": 1,
        "name": "shop",
        "tables": {
            "orders": {
                "rows": 200,
                "columns": {"order_id": {"type": "key"}, "it": {"type": "min_of", "table": "items", **column}},
            },
            "items": {
                "parent": "orders",
                "rows": {"type": "per_parent", "count": {"type": "poisson", "mean": 2}},
                "columns": {
                    "order_id": {"type": "parent_key"},
                    "price": {
                        "type": "uniform",
                        "min": 1,
                        "max": 9,
                        "decimals": 1,
                        "modifiers": [{"type": "nulls", "share": 0.2}],
                    },
                    "kind": {"type": "choice", "values": ["a", "b", "c"]},
                },
            },
        },
    }


def below(**column: object) -> list[tuple[object, list[dict]]]:
    """The figure of each order, and its items."""
    made = tables(document(**column))
    items = made["items"].to_pylist()
    return [
        (row["it"], [item for item in items if item["order_id"] == row["order_id"]])
        for row in made["orders"].to_pylist()
    ]


def test_it_is_the_minimum_of_what_is_there() -> None:
    found = below(expression="price")
    assert any(it is None for it, _ in found)
    for it, items in found:
        prices = [item["price"] for item in items if item["price"] is not None]
        assert it == (min(prices) if prices else None)


def test_only_rows_that_the_filter_picks_count() -> None:
    for it, items in below(expression="price", filter="kind = 'a'"):
        prices = [item["price"] for item in items if item["price"] is not None and item["kind"] == "a"]
        assert it == (min(prices) if prices else None)


@pytest.mark.parametrize("column, code", [({"expression": "kind"}, "type"), ({"expression": "cost"}, "unknown-column")])
def test_problems(column: dict, code: str) -> None:
    assert code in [problem.code for problem in datagen.check(document(**column))]
