"""Intervals of one parent do not overlap."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools
from datagen.declarations.constraints import NoOverlapDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


@judges(NoOverlapDeclaration)
@dataclass(frozen=True, eq=False)
class NoOverlap(Constraint, NoOverlapDeclaration):
    """The intervals of one parent, from `column` up to but without `ends`, have no moment in common; a missing end is
    open.
    """

    name: ClassVar[str] = "NoOverlap"

    @property
    def message(self) -> str:
        return f"begin before the one before them below the same parent ends ('{self.ends}')"

    @property
    def shows(self) -> tuple[str, ...]:
        return (self.ends,)

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        starts, ends = block.columns[self.column or ""], block.columns[self.ends]
        known, wrong = present(starts.valid, len(block)), np.zeros(len(block), np.bool_)
        if block.parent_row is None or not len(block):
            return 0, wrong
        open_end = np.iinfo(np.int64).max
        until = np.where(present(ends.valid, len(block)), ends.data, open_end)
        at = np.flatnonzero(known)
        order = at[np.lexsort((starts.data[at], block.parent_row[at]))]
        before, after = order[:-1], order[1:]
        same = block.parent_row[before] == block.parent_row[after]
        wrong[after] = same & (starts.data[after] < until[before])
        return len(at), wrong
