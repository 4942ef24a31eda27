"""Stuck sensors: a reading that is repeated by the rows after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Ints, Rows
from datagen.kinds.faults.base import CellFault, Cells, Damage
from datagen.kinds.faults.support.examples import visits

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Stuck(CellFault):
    """Rows that are hit freeze their columns: the next `rows` rows of the same parent repeat their values."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        visits({"type": "stuck", "columns": ["weight"], "rate": 0.02, "rows": 5}),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("stuck_sensor", "stuck_sensors", "frozen", "flatline")
    independent: ClassVar[bool] = False
    type: Literal["stuck"] = "stuck"
    rows: int = Field(ge=1, le=1_000_000, description="number of rows that repeat the value")

    def column_problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().column_problems(scope)
        if scope.table.parent is None:
            message = f"'{scope.table.name}' has no parent, so its rows have no order"
            yield scope.problem("no-parent", message, "use it on a table with a parent, such as readings of devices")

    def bind(self, scope: Scope) -> Damage:
        def damage(rows: Rows, at: Ints) -> Mapping[str, Cells]:
            source = _last_hit(rows, at)
            place = np.arange(len(rows))
            stuck = np.flatnonzero((source >= 0) & (place > source) & (place - source <= self.rows))
            first = rows.take(source[stuck])
            return {column: Cells(stuck, first.column(column)) for column in self.columns}

        return damage


def _last_hit(rows: Rows, at: Ints) -> Ints:
    """For each row the position of the last row of the same parent that was hit, -1 where there is none; shape (n,)."""
    block = rows.block
    assert block.counts is not None
    last = np.full(len(rows), -1, np.int64)
    last[at] = at
    np.maximum.accumulate(last, out=last)
    starts = np.repeat(block.starts, block.counts)
    return np.where(last >= starts, last, -1)
