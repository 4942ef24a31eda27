"""Scores whether e-mail local parts derive from names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import Block, Bools, Column, Rows, as_numpy
from datagen.columnar.text import ascii_fold, buffers, text_array
from datagen.declarations.constraints import NameMatchDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import Constraint, ViolationCount, present
from datagen.validation.metrics.registry import judges

_NO_LETTERS = r"@.*|[^a-z]"


@judges(NameMatchDeclaration)
@dataclass(frozen=True, eq=False)
class DerivedFromName(Constraint, NameMatchDeclaration):
    """The local part has the letters of the name in `source`, in lower-case ASCII, with any separators."""

    name: ClassVar[str] = "NameMatch"
    group: Group = "dependence"

    @property
    def message(self) -> str:
        return f"are not derived from '{self.source}'"

    @property
    def shows(self) -> tuple[str, ...]:
        return (self.source,)

    def _finding(self, verdict: Any, message: str, state: ViolationCount | None) -> Finding:
        found = super()._finding(verdict, message, state)
        return replace(found, group=self.group, weight=1.0, statistic=found.score, threshold=1.0)

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        cells, names = block.columns[self.column or ""], Rows(block).column(self.source)
        here = present(cells.valid, len(block)) & present(names.valid, len(block))
        letters = pc.replace_substring_regex(_texts(cells), pattern=_NO_LETTERS, replacement="")
        expected = ascii_fold(_texts(names), np.zeros(len(block), np.uint8), digits=False)
        _, offsets = buffers(expected)
        nobody = (offsets[1:] == offsets[:-1]) & as_numpy(pc.equal(letters, text_array([self.nobody])[0]))
        same: Bools = as_numpy(pc.equal(letters, expected)) | nobody
        return len(block), here & ~same


def _texts(values: Column) -> pa.Array:
    return values.texts.fill_null("") if values.texts.null_count else values.texts
