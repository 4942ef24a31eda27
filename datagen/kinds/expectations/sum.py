"""The sum of an expression."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.expectations.mean import Total, together, total
from datagen.kinds.expectations.support.aggregate import Aggregate, Reduction
from datagen.kinds.expectations.support.examples import expecting


class Sum(Aggregate):
    """The sum of an expression over the rows where it is not missing; 0 if there are none."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting({"type": "sum", "table": "orders", "expression": "amount", "at_least": 100}),
    )
    types: ClassVar[tuple[str, ...]] = ("int", "float", "decimal", "duration")

    type: Literal["sum"] = "sum"

    def reduction(self) -> Reduction:
        return Reduction(total, together, _value)


def _value(state: Total) -> float | None:
    return state[1]
