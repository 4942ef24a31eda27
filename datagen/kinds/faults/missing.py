"""Missing values: cells that were there and are null."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import Column, Rows
from datagen.kinds.faults.base import CellFault, ColumnShape
from datagen.kinds.faults.support.examples import people, visits

if TYPE_CHECKING:
    from datagen.scope import Scope


class MissingCells(CellFault):
    """Cells go missing: anywhere, where `when` holds (the cell's own value too), or within a period."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        people({"type": "missing", "columns": ["city"], "rate": 0.1, "when": "city = 'Oslo'"}),
        visits({"type": "missing", "columns": ["weight"], "rate": 0.5, "start": "2024-03-01", "end": "2024-03-08"}),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("null", "nulls", "null_burst", "mcar", "mar", "mnar", "missingness", "gap")
    type: Literal["missing"] = "missing"

    def shape(self, column: str, before: ColumnShape) -> ColumnShape:
        return ColumnShape(before.type, nullable=True)

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        return lambda rows, cells: cells.where(np.zeros(len(rows), np.bool_))
