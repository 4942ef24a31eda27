"""The largest value of an expression."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.columnar.block import Column
from datagen.kinds.expectations.support.aggregate import Aggregate, Reduction, present
from datagen.kinds.expectations.support.examples import expecting


class Max(Aggregate):
    """The largest value of an expression over the rows where it is not missing."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting(
            {"type": "max", "table": "orders", "expression": "amount", "at_most": 100_000},
            {"type": "max", "table": "orders", "expression": "ordered_at", "between": ["2024-10-01", "2025-01-01"]},
        ),
    )

    type: Literal["max"] = "max"

    def reduction(self) -> Reduction:
        return Reduction(_observed, _merged, _value)


def _observed(values: Column) -> float | None:
    numbers = present(values)
    return float(numbers.max()) if len(numbers) else None


def _merged(one: float | None, other: float | None) -> float | None:
    return max((number for number in (one, other) if number is not None), default=None)


def _value(state: float | None) -> float | None:
    return state
