"""Lists and maps have as many items as the schema allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools
from datagen.columnar.nested import lengths
from datagen.declarations.constraints import LengthRangeDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


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
        there, found = present(cells.valid, len(block)), lengths(cells.data)
        outside = found < self.low
        if self.high is not None:
            outside |= found > self.high
        return int(np.count_nonzero(there)), there & outside
