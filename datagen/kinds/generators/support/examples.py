"""Example documents of generators."""

from __future__ import annotations

from typing import Any

Columns = dict[str, Any]
_WINDOW = {"start": "2024-01-01", "end": "2025-01-01"}


def table_of(correlations: list[dict[str, Any]] | None = None, /, **columns: Any) -> dict[str, Any]:
    """A document of one table with a key, these columns and these correlations."""
    table = {"rows": 100, "columns": {"thing_id": {"type": "key"}, **columns}}
    if correlations:
        table["correlations"] = correlations
    return {"datagen": 1, "name": "sample", "tables": {"things": table}}


def campaigns(campaigns: Columns | None = None, clicks: Columns | None = None) -> dict[str, Any]:
    """A document of campaigns, and of clicks that refer to them, with these columns besides the basic ones."""
    campaigns = {"campaign_id": {"type": "key"}, **(campaigns or {})}
    clicks = {"click_id": {"type": "key"}, "campaign_id": {"type": "reference", "table": "campaigns"}, **(clicks or {})}
    tables = {"campaigns": {"rows": 5, "columns": campaigns}, "clicks": {"rows": 100, "columns": clicks}}
    return {"datagen": 1, "name": "sample", "tables": tables}


def shop(
    customers: Columns | None = None, orders: Columns | None = None, items: Columns | None = None
) -> dict[str, Any]:
    """A document of customers, orders and items with these columns besides the basic ones."""
    items = {"item_id": {"type": "key"}, "order_id": {"type": "parent_key"}, **(items or {})}
    orders = {
        "order_id": {"type": "key"},
        "customer_id": {"type": "parent_key"},
        "ordered_at": {"type": "event_time"},
        **(orders or {}),
    }
    customers = {"customer_id": {"type": "key"}, "created_at": {"type": "arrival_time"}, **(customers or {})}
    tables = {
        "customers": {"rows": {"type": "arrivals", "count": 100}, "columns": customers},
        "orders": {"parent": "customers", "rows": {"type": "events", "mean_per_month": 1}, "columns": orders},
        "items": {"parent": "orders", "rows": {"type": "per_parent", "count": 2}, "columns": items},
    }
    return {"datagen": 1, "name": "sample", "window": {**_WINDOW}, "tables": tables}
