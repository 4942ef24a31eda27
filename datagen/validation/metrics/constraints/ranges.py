"""Values, numbers of items and numbers of children lie within the declared range."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Ints, Type
from datagen.columnar.nested import lengths
from datagen.declarations.constraints import ChildCountDeclaration, LengthRangeDeclaration, RangeDeclaration
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


@judges(LengthRangeDeclaration)
@dataclass(frozen=True, eq=False)
class LengthRange(Constraint, LengthRangeDeclaration):
    """Lists and maps have from `low` to `high` items."""

    name: ClassVar[str] = "LengthRange"

    @property
    def message(self) -> str:
        return f"do not have {self.low} {'or more' if self.high is None else f'to {self.high}'} items"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        cells = block.columns[self.column or ""]
        there = present(cells.valid, len(block))
        return int(np.count_nonzero(there)), there & _outside(lengths(cells.data), self.low, self.high)


@judges(ChildCountDeclaration)
@dataclass(frozen=True, eq=False)
class ChildCount(Constraint, ChildCountDeclaration):
    """Rows of `table` have from `low` to `high` rows of `child`; `or_none` also allows none."""

    name: ClassVar[str] = "CardinalityBoundaryAdherence"

    @property
    def subject(self) -> str:
        return self.child

    @property
    def message(self) -> str:
        bounds = f"{self.low} or more" if self.high is None else f"{self.low} to {self.high}"
        return f"do not have {self.low if self.low == self.high else bounds} rows in '{self.child}'"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        counts = block.children[self.child].counts
        assert counts is not None
        outside = _outside(counts, self.low, self.high)
        return len(block), outside & (counts > 0) if self.or_none else outside


def _outside(counts: Ints, low: int, high: int | None) -> Bools:
    """Which counts are below `low` or above `high`."""
    return counts < low if high is None else (counts < low) | (counts > high)
