from __future__ import annotations

from pathlib import Path

import datagen
from tests.promises.documents import tables


def document(**column: object) -> dict:
    return {
        "datagen": 1,
        "name": "shop",
        "tables": {
            "orders": {
                "rows": 200,
                "columns": {"order_id": {"type": "key"}, "it": {"type": "first_of", "table": "items", **column}},
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


def test_it_is_what_the_row_says_that_comes_first() -> None:
    for it, items in below(expression="kind"):
        assert it == (items[0]["kind"] if items else None)


def test_rows_can_be_in_another_order() -> None:
    for it, items in below(expression="kind", order_by="price"):
        priced = sorted((item for item in items if item["price"] is not None), key=lambda item: item["price"])
        ends = [item["kind"] for item in priced if item["price"] == priced[0]["price"]]
        assert it in ends if priced else it is None


def test_validation_confirms_it(tmp_path: Path) -> None:
    datagen.generate(document(expression="kind"), tmp_path, workers=1)
    assert datagen.validate(document(expression="kind"), tmp_path).passed
