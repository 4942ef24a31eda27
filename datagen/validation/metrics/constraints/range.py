"""Numbers, times and durations lie within the declared range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Type
from datagen.declarations.constraints import RangeDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


@judges(RangeDeclaration)
@dataclass(frozen=True, eq=False)
class Boundary(Constraint, RangeDeclaration):
    """Cells from `low` to `high`, both included, rounded to the column's decimals; microseconds and days for times.

    `open_end` excludes `high`.
    """

    name: ClassVar[str] = "BoundaryAdherence"

    @property
    def message(self) -> str:
        return f"are outside {self.range}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        values = block.columns[self.column or ""]
        there = present(values.valid, len(values))
        outside = np.zeros(len(values), np.bool_)
        if self.low is not None:
            outside |= values.data < _limit(self.low, values.type)
        if self.high is not None:
            high = _limit(self.high, values.type)
            outside |= values.data >= high if self.open_end else values.data > high
        return int(np.count_nonzero(there)), outside & there


def _limit(bound: float, type_: Type) -> float:
    """A bound in the data, rounded like the cells, which were clipped before rounding."""
    return bound if type_.name == "float" else round(bound * 10**type_.scale)
