"""The value of an expression in the first row of a child table."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.picked_row import OrderedRow


class FirstOf(OrderedRow):
    """An expression at the first row of a child table, by the order they come in or by another: the plan that a
    customer began with.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            customers={
                "first_status": {
                    "type": "first_of",
                    "table": "orders",
                    "expression": "status",
                    "order_by": "ordered_at",
                }
            },
            orders={"status": {"type": "choice", "values": ["paid", "open"]}},
        ),
    )
    last: ClassVar[bool] = False
    what: ClassVar[str] = "first"

    synonyms: ClassVar[tuple[str, ...]] = ("first", "first_value", "initial")
    type: Literal["first_of"] = "first_of"
