"""The credits of a conversion sum to one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Rows
from datagen.declarations.constraints import CreditSumDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges

_TOLERANCE = 1e-6


@judges(CreditSumDeclaration)
@dataclass(frozen=True, eq=False)
class CreditSum(Constraint, CreditSumDeclaration):
    """The cells of the rows below one parent sum to 1."""

    name: ClassVar[str] = "CreditSum"

    @property
    def subject(self) -> str:
        return self.rule

    @property
    def message(self) -> str:
        return f"have a parent whose credits by '{self.rule}' do not sum to 1"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        cells = Rows(block).column(self.column or "")
        owner = block.parent_row if block.parent_row is not None else np.zeros(len(block), np.int64)
        credit = np.where(present(cells.valid, len(cells)), cells.as_floats(), 0.0)
        total = np.bincount(owner, credit, minlength=int(owner.max(initial=-1)) + 1)
        return len(block), (np.abs(total - 1.0) > _TOLERANCE)[owner]
