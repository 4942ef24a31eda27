"""Cells are among the declared values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Column, as_numpy
from datagen.columnar.text import text_array
from datagen.declarations.constraints import AllowedValuesDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


@judges(AllowedValuesDeclaration)
@dataclass(frozen=True, eq=False)
class Categories(Constraint, AllowedValuesDeclaration):
    """Every non-null cell is one of `values`: words of a category or of text, or data of any other type."""

    name: ClassVar[str] = "CategoryAdherence"

    @property
    def message(self) -> str:
        shown = ", ".join(map(str, self.values[:4]))
        return f"are not among the {len(self.values)} declared values ({shown}{' ...' if len(self.values) > 4 else ''})"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        cells = block.columns[self.column or ""]
        there = present(cells.valid, len(cells))
        return int(np.count_nonzero(there)), there & ~self._known(cells)

    def _known(self, cells: Column) -> Bools:
        import pyarrow.compute as pc  # start-up

        if cells.type.name == "category":
            known = as_numpy(pc.is_in(cells.words, text_array(self.values)))
            found: Bools = known[cells.data] if len(known) else np.zeros(len(cells), np.bool_)
            return found
        if cells.type.name == "text":
            allowed: Bools = as_numpy(pc.is_in(cells.data, text_array(self.values)))
            return allowed
        return np.isin(cells.data, np.array(self.values))
