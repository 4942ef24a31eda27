"""Example documents of behaviors, age curves and lifetimes."""

from __future__ import annotations

from typing import Any

from datagen.kinds.generators.support.examples import shop


def shaped(*behaviors: dict[str, Any], **orders: Any) -> dict[str, Any]:
    """A shop whose customers have these behaviors; `orders` are further columns of the orders."""
    segment = {"type": "choice", "values": {"vip": 5, "standard": 70, "bargain": 25}}
    document = shop(customers={"segment": segment}, orders=orders)
    document["tables"]["customers"]["behaviors"] = list(behaviors)
    return document


def aging(curve: Any) -> dict[str, Any]:
    """A shop whose customers order along an age curve."""
    return shaped({"type": "vintage", "unit": "month", "multiply": {"orders": curve}})


def living(lifetime: dict[str, Any]) -> dict[str, Any]:
    """A shop whose customers have this lifetime."""
    return shaped({"type": "retention", "lifetime": lifetime})


def orders_with(*behaviors: dict[str, Any]) -> dict[str, Any]:
    """Customers of two segments and two time zones who order over two years, with these behaviors on the orders."""
    customers = {
        "rows": {"type": "arrivals", "count": 40, "before_window": 0.4},
        "columns": {
            "customer_id": {"type": "key"},
            "created_at": {"type": "arrival_time"},
            "segment": {"type": "choice", "values": {"vip": 1, "standard": 9}},
            "time_zone": {"type": "choice", "values": {"Europe/Oslo": 3, "America/New_York": 2}},
        },
    }
    orders = {
        "parent": "customers",
        "rows": {"type": "events", "mean_per_month": 1},
        "behaviors": list(behaviors),
        "columns": {
            "order_id": {"type": "key"},
            "customer_id": {"type": "parent_key"},
            "ordered_at": {"type": "event_time"},
            "amount": {"type": "lognormal", "median": 20, "sigma": 0.8, "decimals": 2},
        },
    }
    window = {"start": "2023-01-01", "end": "2025-01-01"}
    return {"datagen": 1, "name": "shop", "window": window, "tables": {"customers": customers, "orders": orders}}
