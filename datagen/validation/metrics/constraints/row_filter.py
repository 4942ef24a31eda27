"""Every row satisfies the condition by which the rows of its table are filtered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from datagen.columnar.block import Block, Bools, Rows
from datagen.declarations.constraints import RowFilterDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint
from datagen.validation.metrics.registry import judges


@judges(RowFilterDeclaration)
@dataclass(frozen=True, eq=False)
class RowFilter(Constraint, RowFilterDeclaration):
    """The condition `holds` is true for every row."""

    name: ClassVar[str] = "RowFilter"

    @property
    def message(self) -> str:
        return f"do not satisfy {self.where[:60]}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        return len(block), ~self.holds(Rows(block))
