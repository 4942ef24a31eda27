"""The value of an expression in the last row of a child table."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.picked_row import OrderedRow


class LastOf(OrderedRow):
    """An expression at the last row of a child table, by the order they come in or by another: the status of the last
    order.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            customers={"last_status": {"type": "last_of", "table": "orders", "expression": "status"}},
            orders={"status": {"type": "choice", "values": ["paid", "open"]}},
        ),
    )
    last: ClassVar[bool] = True
    what: ClassVar[str] = "last"

    synonyms: ClassVar[tuple[str, ...]] = ("last", "last_value", "current")
    type: Literal["last_of"] = "last_of"
