"""The mean of an expression."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.columnar.block import Column
from datagen.kinds.expectations.support.aggregate import Aggregate, Reduction, present
from datagen.kinds.expectations.support.examples import expecting

Total = tuple[int, float]
"""The number of non-missing cells, and their sum."""


class Mean(Aggregate):
    """The mean of an expression over the rows where it is not missing."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting(
            {
                "type": "mean",
                "table": "orders",
                "expression": "amount",
                "where": "customers.segment = 'vip'",
                "between": [30, 60],
            },
            {"type": "mean", "table": "orders", "expression": "ordered_at - customers.created_at", "at_most": "300d"},
        ),
    )

    type: Literal["mean"] = "mean"

    def reduction(self) -> Reduction:
        return Reduction(total, together, _value)


def total(values: Column) -> Total:
    """The total of the cells of a column."""
    numbers = present(values)
    return len(numbers), float(numbers.sum())


def together(one: Total, other: Total) -> Total:
    """The merged total of two parts."""
    return one[0] + other[0], one[1] + other[1]


def _value(state: Total) -> float | None:
    return state[1] / state[0] if state[0] else None
