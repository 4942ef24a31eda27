"""The sum of an expression."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.expectations.mean import Total, together, total
from datagen.expectations.measured import Measured, Reduction
from datagen.expectations.samples import expecting


class Sum(Measured):
    """The sum of an expression over the rows where it is not missing; 0 where there are none."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting({"type": "sum", "table": "orders", "of": "amount", "at_least": 100}),
    )
    types: ClassVar[tuple[str, ...]] = ("int", "float", "decimal", "duration")

    type: Literal["sum"] = "sum"

    def reduction(self) -> Reduction:
        return Reduction(total, together, _value)


def _value(state: Total) -> float | None:
    return state[1]
