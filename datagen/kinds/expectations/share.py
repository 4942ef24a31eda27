"""The share of rows where a condition holds."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import FLOAT, Column, Type
from datagen.kinds.expectations.support.aggregate import Aggregate, Reduction
from datagen.kinds.expectations.support.examples import expecting


class Share(Aggregate):
    """The share of rows where a condition is true. Where it is unknown (NULL), it is not true."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting(
            {
                "type": "share",
                "table": "orders",
                "name": "weekend share",
                "expression": "DAYOFWEEK(ordered_at) IN (0, 6)",
                "between": [0.2, 0.45],
            }
        ),
    )
    types: ClassVar[tuple[str, ...]] = ("bool",)
    span: ClassVar[tuple[float, float | None] | None] = (0.0, 1.0)

    type: Literal["share"] = "share"

    def unit(self, given: Type) -> Type:
        return FLOAT

    def reduction(self) -> Reduction:
        return Reduction(_observed, _merged, _value)


def _observed(values: Column) -> tuple[int, int]:
    """The number of rows, and of rows where the condition is true."""
    return len(values), int(np.count_nonzero(values.data if values.valid is None else values.data & values.valid))


def _merged(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return one[0] + other[0], one[1] + other[1]


def _value(state: tuple[int, int]) -> float | None:
    return state[1] / state[0] if state[0] else None
