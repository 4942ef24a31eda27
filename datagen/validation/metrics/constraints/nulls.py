"""Cells are null where the schema requires it, and only where it allows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Rows
from datagen.declarations.constraints import NotNullWhereDeclaration, NullWhereDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


@dataclass(frozen=True, eq=False)
class NotNull(Constraint):
    """A column that is never null by its declaration."""

    name: ClassVar[str] = "NotNull"

    @property
    def message(self) -> str:
        return "are missing"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        values = block.columns[self.column or ""]
        return len(values), ~present(values.valid, len(values))


@judges(NullWhereDeclaration)
@dataclass(frozen=True, eq=False)
class MissingWhere(Constraint, NullWhereDeclaration):
    """Rows where `nothing` (bool, shape (n,)) holds have no cell."""

    name: ClassVar[str] = "StructuralNulls"

    @property
    def message(self) -> str:
        return f"have a value where {self.where}"

    @property
    def subject(self) -> str:
        return self.where

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        nothing = self.nothing(Rows(block))
        cells = block.columns[self.column or ""]
        return int(np.count_nonzero(nothing)), nothing & present(cells.valid, len(block))


@judges(NotNullWhereDeclaration)
@dataclass(frozen=True, eq=False)
class PresentWhere(MissingWhere, NotNullWhereDeclaration):
    """Rows where `nothing` does not hold have a cell."""

    @property
    def message(self) -> str:
        return f"have no value although {self.where}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        due = ~self.nothing(Rows(block))
        cells = block.columns[self.column or ""]
        return int(np.count_nonzero(due)), due & ~present(cells.valid, len(block))
