"""Small whole documents that behaviors, ages and lifetimes show themselves in."""

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
    """A shop whose customers order along a curve of age."""
    return shaped({"type": "vintage", "unit": "month", "multiply": {"orders": curve}})


def living(lifetime: dict[str, Any]) -> dict[str, Any]:
    """A shop whose customers live by this law."""
    return shaped({"type": "retention", "lifetime": lifetime})
