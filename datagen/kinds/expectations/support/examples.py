"""The example document of expectations."""

from __future__ import annotations

from typing import Any

from datagen.kinds.generators.support.examples import shop

_AMOUNT = {"type": "lognormal", "median": 30, "sigma": 0.8, "decimals": 2}
_STATUS = {"type": "choice", "values": {"paid": 9, "refunded": 1}}


def expecting(*expectations: dict[str, Any]) -> dict[str, Any]:
    """A document of customers and their orders with these expectations."""
    segment = {"segment": {"type": "choice", "values": {"vip": 1, "standard": 9}}}
    return {**shop(segment, {"amount": _AMOUNT, "status": _STATUS}), "expectations": list(expectations)}
