"""Every parent has as many children as the schema allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from datagen.columnar.block import Block, Bools
from datagen.declarations.constraints import ChildCountDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint
from datagen.validation.metrics.registry import judges


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
        outside = counts < self.low
        if self.high is not None:
            outside |= counts > self.high
        return len(block), outside & (counts > 0) if self.or_none else outside
