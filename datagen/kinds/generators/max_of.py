"""The maximum of an expression over the rows of a child table."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.picked_row import PickedRow


class MaxOf(PickedRow):
    """The largest value of an expression over the rows of a child table: the last order, the highest price."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(customers={"last_order_at": {"type": "max_of", "table": "orders", "expression": "ordered_at"}}),
    )
    last: ClassVar[bool] = True
    what: ClassVar[str] = "largest"

    synonyms: ClassVar[tuple[str, ...]] = ("max", "maximum", "latest", "most_recent")
    type: Literal["max_of"] = "max_of"
