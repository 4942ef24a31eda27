"""Derived columns equal their definition: totals, counts, expressions, lookups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Rows, as_numpy
from datagen.declarations.constraints import DerivedColumnDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


@judges(DerivedColumnDeclaration)
@dataclass(frozen=True, eq=False)
class DerivedColumn(Constraint, DerivedColumnDeclaration):
    """Each cell equals the result of `fill` for its row.

    With `may_miss`, cells may also be missing. `slack` is the allowed deviation of whole numbers (minor units): 1 if
    the rounding of a float decides the last digit.
    """

    name: ClassVar[str] = "RowConsistency"

    @property
    def message(self) -> str:
        return f"are not {self.what}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        found, due = block.columns[self.column or ""], self.fill(Rows(block))
        here, there = present(found.valid, len(block)), present(due.valid, len(block))
        both = here & there
        differ = both & ~_equal(found, due, self.slack)
        missed = here & ~there if self.may_miss else here != there
        return len(block), differ | missed


def _equal(one: Column, other: Column, slack: int) -> Bools:
    import pyarrow.compute as pc  # start-up

    if one.type.textual:
        same: Bools = as_numpy(pc.equal(one.texts, other.texts))
    elif one.type.name == "float":
        same = np.abs(one.data - other.data) <= 1e-9 * np.maximum(1.0, np.abs(other.data))
    else:
        same = np.abs(one.data - other.data) <= slack if slack else one.data == other.data
    return same
