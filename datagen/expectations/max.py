"""The largest value of an expression."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.block import Values
from datagen.expectations.measured import Measured, Reduction, present
from datagen.expectations.samples import expecting


class Max(Measured):
    """The largest value of an expression over the rows where it is not missing."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting(
            {"type": "max", "table": "orders", "of": "amount", "at_most": 100_000},
            {"type": "max", "table": "orders", "of": "ordered_at", "between": ["2024-10-01", "2025-01-01"]},
        ),
    )

    type: Literal["max"] = "max"

    def reduction(self) -> Reduction:
        return Reduction(_observed, _merged, _value)


def _observed(values: Values) -> float | None:
    numbers = present(values)
    return float(numbers.max()) if len(numbers) else None


def _merged(one: float | None, other: float | None) -> float | None:
    return max((number for number in (one, other) if number is not None), default=None)


def _value(state: float | None) -> float | None:
    return state
