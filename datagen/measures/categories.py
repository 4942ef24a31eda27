"""Cells are among the values that the schema knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from datagen.block import Block, Bools, Values, as_numpy
from datagen.measures.base import Slice
from datagen.measures.gates import Gate, present
from datagen.text import text_array


@dataclass(frozen=True, eq=False)
class Categories(Gate):
    """Every cell that is there is one of `values`: words of a category or of text, or data of any other type."""

    values: tuple[Any, ...] = ()
    name: ClassVar[str] = "CategoryAdherence"

    @property
    def said(self) -> str:
        shown = ", ".join(map(str, self.values[:4]))
        return f"are none of the {len(self.values)} declared values ({shown}{' ...' if len(self.values) > 4 else ''})"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        cells = block.columns[self.column or ""]
        there = present(cells.valid, len(cells))
        return int(np.count_nonzero(there)), there & ~self._known(cells)

    def _known(self, cells: Values) -> Bools:
        import pyarrow.compute as pc  # start-up

        if cells.type.name == "category":
            known = as_numpy(pc.is_in(cells.words, text_array(self.values)))
            found: Bools = known[cells.data] if len(known) else np.zeros(len(cells), np.bool_)
            return found
        if cells.type.name == "text":
            told: Bools = as_numpy(pc.is_in(cells.data, text_array(self.values)))
            return told
        return np.isin(cells.data, np.array(self.values))
