"""Orders with a roll-up of their items."""

from __future__ import annotations

from tests.promises.documents import tables


def document(kind: str, **column: object) -> dict:
    """Orders with a column of this kind over their items."""
    return {
        "datagen": 1,
        "name": "shop",
        "tables": {
            "orders": {
                "rows": 200,
                "columns": {"order_id": {"type": "key"}, "it": {"type": kind, "table": "items", **column}},
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


def below(kind: str, **column: object) -> list[tuple[object, list[dict]]]:
    """The figure of each order, and its items."""
    made = tables(document(kind, **column))
    items = made["items"].to_pylist()
    return [
        (row["it"], [item for item in items if item["order_id"] == row["order_id"]])
        for row in made["orders"].to_pylist()
    ]
