"""Text matches the declared pattern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, as_numpy
from datagen.declarations.constraints import PatternDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


@judges(PatternDeclaration)
@dataclass(frozen=True, eq=False)
class TextPattern(Constraint, PatternDeclaration):
    """Every cell matches a regular expression (RE2, which runs in linear time)."""

    name: ClassVar[str] = "PatternAdherence"

    @property
    def message(self) -> str:
        return f"are not written as {self.what}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        import pyarrow.compute as pc  # start-up

        cells = block.columns[self.column or ""]
        text = cells.data if cells.words is None else cells.words
        found = pc.match_substring_regex(text, self.regex)
        match = as_numpy(found.fill_null(False) if found.null_count else found)  # a scalar would import pandas
        fits = match if cells.words is None else match[cells.data] if len(match) else np.zeros(len(cells), np.bool_)
        there = present(cells.valid, len(cells))
        return int(np.count_nonzero(there)), there & ~fits
