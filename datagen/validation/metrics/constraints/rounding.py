"""Values are multiples of the declared step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools
from datagen.declarations.constraints import MultipleDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


@judges(MultipleDeclaration)
@dataclass(frozen=True, eq=False)
class Multiples(Constraint, MultipleDeclaration):
    """Cells, in minor units, are multiples of `unit`, or have one of the `endings` within it."""

    name: ClassVar[str] = "RoundedNumbers"

    @property
    def message(self) -> str:
        return f"do not end in {', '.join(map(str, self.endings[:5]))} of every {self.unit} minor units"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        values = block.columns[self.column or ""]
        there = present(values.valid, len(values))
        rest = values.data % self.unit
        return int(np.count_nonzero(there)), there & ~np.isin(rest, np.array(self.endings, np.int64) % self.unit)
