"""Numbers, times and durations stay within the range that is declared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.block import Block, Bools
from datagen.measures.base import Slice
from datagen.measures.gates import Gate, present


@dataclass(frozen=True, eq=False)
class Boundary(Gate):
    """Cells from `low` to `high`, both included, in the units of the column's data (minor units, microseconds, days).

    `open_end` leaves `high` itself out.
    """

    low: float | None = None
    high: float | None = None
    range: str = ""
    open_end: bool = False
    name: ClassVar[str] = "BoundaryAdherence"

    @property
    def said(self) -> str:
        return f"lie outside {self.range}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        values = block.columns[self.column or ""]
        there = present(values.valid, len(values))
        outside = np.zeros(len(values), np.bool_)
        if self.low is not None:
            outside |= values.data < self.low
        if self.high is not None:
            outside |= values.data >= self.high if self.open_end else values.data > self.high
        return int(np.count_nonzero(there)), outside & there
