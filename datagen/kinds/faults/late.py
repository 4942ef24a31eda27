"""Late rows: they are written after rows with a later time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Ints, Rows
from datagen.kinds.faults.base import Fault
from datagen.kinds.faults.support.examples import visits

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Late(Fault):
    """Moves rows behind the next `rows` rows of the same parent: late and out-of-order arrivals in a file."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (visits({"type": "late", "rate": 0.05, "rows": 3}),)
    synonyms: ClassVar[tuple[str, ...]] = ("late_rows", "out_of_order", "late_arrival", "delayed", "shuffled")
    independent: ClassVar[bool] = False
    moves: ClassVar[bool] = True
    type: Literal["late"] = "late"
    rows: int = Field(ge=1, le=1_000_000, description="number of rows of the same parent that are written before it")

    def column_problems(self, scope: Scope) -> Iterator[Problem]:
        if scope.table.parent is None:
            message = f"'{scope.table.name}' has no parent, so its rows have no order"
            yield scope.problem("no-parent", message, "use it on a table with a parent")

    def order(self, rows: Rows, at: Ints) -> Ints:
        """The positions of the rows in the order in which they are written, shape (n,)."""
        block = rows.block
        assert block.counts is not None
        ends = np.repeat(block.starts + block.counts, block.counts)
        place = np.arange(len(rows), dtype=np.int64) * 2
        place[at] = np.minimum(at + self.rows, ends[at] - 1) * 2 + 1
        return np.argsort(place, kind="stable")
