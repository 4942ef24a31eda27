"""The example document of choosers."""

from __future__ import annotations

from typing import Any


def sales(popularity: dict[str, Any]) -> dict[str, Any]:
    """A small document with a reference of this popularity."""
    reference = {"type": "reference", "table": "products", "popularity": popularity}
    return {
        "datagen": 1,
        "name": "sales",
        "tables": {
            "products": {"rows": 20, "columns": {"product_id": {"type": "key"}}},
            "sales": {"rows": 100, "columns": {"sale_id": {"type": "key"}, "product_id": reference}},
        },
    }
