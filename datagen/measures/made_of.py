"""Addresses are made of the names beside them: how two columns go together, no rule that others' data must keep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from datagen import arrow_compute as pc
from datagen.block import Block, Bools, Rows, Values, as_numpy
from datagen.measures.base import Finding, Group, Slice
from datagen.measures.gates import Faults, Gate, present
from datagen.text import buffers, folded, text_array

_NO_LETTERS = r"@.*|[^a-z]"
NOBODY = "user"
"""What stands for a name that has no Latin letter."""
_NOBODY = text_array([NOBODY])[0]


@dataclass(frozen=True, eq=False)
class MadeOf(Gate):
    """What stands before the @ has the letters of the name in `source`, in lower-case ASCII, whatever stands between them."""

    source: str = ""
    name: ClassVar[str] = "NameMatch"
    group: Group = "dependence"

    @property
    def said(self) -> str:
        return f"are not made of '{self.source}'"

    @property
    def shows(self) -> tuple[str, ...]:
        return (self.source,)

    def _finding(self, verdict: Any, message: str, state: Faults | None) -> Finding:
        found = super()._finding(verdict, message, state)
        return replace(found, group=self.group, weight=1.0, statistic=found.score, threshold=1.0)

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        cells, names = block.columns[self.column or ""], Rows(block).column(self.source)
        here = present(cells.valid, len(block)) & present(names.valid, len(block))
        letters = pc.replace_substring_regex(_texts(cells), pattern=_NO_LETTERS, replacement="")
        wanted = folded(_texts(names), np.zeros(len(block), np.uint8), digits=False)
        _, offsets = buffers(wanted)
        nobody = (offsets[1:] == offsets[:-1]) & as_numpy(pc.equal(letters, _NOBODY))
        same: Bools = as_numpy(pc.equal(letters, wanted)) | nobody
        return len(block), here & ~same


def _texts(values: Values) -> pa.Array:
    return values.texts.fill_null("") if values.texts.null_count else values.texts
