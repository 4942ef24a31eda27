"""What the last of the rows below says."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.picked_row import PickedRow


class LastOf(PickedRow):
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

    order_by: str | None = Field(
        default=None, description="SQL expression that orders the rows; else the order they come in"
    )

    def expressions(self) -> dict[str, str]:
        return {**super().expressions(), **({"order_by": self.order_by} if self.order_by else {})}

    def ordering(self) -> str | None:
        return self.order_by
