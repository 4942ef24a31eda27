"""The smallest value of an expression."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.columnar.block import Column
from datagen.kinds.expectations.support.aggregate import Aggregate, Reduction, present
from datagen.kinds.expectations.support.examples import expecting


class Min(Aggregate):
    """The smallest value of an expression over the rows where it is not missing."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting(
            {"type": "min", "table": "orders", "expression": "amount", "at_least": 0.01},
            {"type": "min", "table": "orders", "expression": "ordered_at", "between": ["2024-01-01", "2024-03-01"]},
        ),
    )

    type: Literal["min"] = "min"

    def reduction(self) -> Reduction:
        return Reduction(_observed, _merged, _value)


def _observed(values: Column) -> float | None:
    numbers = present(values)
    return float(numbers.min()) if len(numbers) else None


def _merged(one: float | None, other: float | None) -> float | None:
    return min((number for number in (one, other) if number is not None), default=None)


def _value(state: float | None) -> float | None:
    return state
