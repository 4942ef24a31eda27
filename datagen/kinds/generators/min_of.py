"""The minimum of an expression over the rows of a child table."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.picked_row import PickedRow


class MinOf(PickedRow):
    """The smallest value of an expression over the rows of a child table: the first order, the lowest price."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(customers={"first_order_at": {"type": "min_of", "table": "orders", "expression": "ordered_at"}}),
    )
    last: ClassVar[bool] = False
    what: ClassVar[str] = "smallest"

    synonyms: ClassVar[tuple[str, ...]] = ("min", "minimum", "earliest")
    type: Literal["min_of"] = "min_of"
