"""The mean of an expression."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.block import Values
from datagen.expectations.measured import Measured, Reduction, present
from datagen.expectations.samples import expecting

Total = tuple[int, float]
"""Cells that are not missing, and their sum."""


class Mean(Measured):
    """The mean of an expression over the rows where it is not missing."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting(
            {
                "type": "mean",
                "table": "orders",
                "of": "amount",
                "where": "customers.segment = 'vip'",
                "between": [30, 60],
            },
            {"type": "mean", "table": "orders", "of": "ordered_at - customers.created_at", "at_most": "300d"},
        ),
    )

    type: Literal["mean"] = "mean"

    def reduction(self) -> Reduction:
        return Reduction(total, together, _value)


def total(values: Values) -> Total:
    """The total of a column's cells."""
    numbers = present(values)
    return len(numbers), float(numbers.sum())


def together(one: Total, other: Total) -> Total:
    """The total of two parts."""
    return one[0] + other[0], one[1] + other[1]


def _value(state: Total) -> float | None:
    return state[1] / state[0] if state[0] else None
