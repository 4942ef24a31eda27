"""Cells that must not be null are not null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from datagen.columnar.block import Block, Bools
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present


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
