"""Numbers that a column gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Floats, Ints, Rows, Words
from datagen.kinds.count_distributions.base import CountDistribution
from datagen.names import ColumnName
from datagen.random.integers import uniform_below
from datagen.random.streams import Stream
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope


class FromColumn(CountDistribution):
    """The number in a column of whole numbers: of the parent for its rows, of the row for its lists.

    A missing cell gives none. Cells below `min` or above `max` count as these. A multiplied number is rounded at
    random.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "theatre",
            "tables": {
                "bookings": {
                    "rows": 20,
                    "columns": {
                        "booking_id": {"type": "key"},
                        "seats": {"type": "uniform", "min": 1, "max": 6, "decimals": 0},
                    },
                },
                "tickets": {
                    "parent": "bookings",
                    "rows": {"type": "per_parent", "count": {"type": "from_column", "column": "seats", "max": 6}},
                    "columns": {"ticket_id": {"type": "key"}, "booking_id": {"type": "parent_key"}},
                },
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = ("column", "field", "quantity", "count_from")
    type: Literal["from_column"] = "from_column"
    column: ColumnName = Field(description="the column with the number")
    min: int = Field(default=0, ge=0, le=10**9, description="the fewest, where the cell is smaller")
    max: int = Field(ge=0, le=10**9, description="the most, where the cell is larger")

    @property
    def bounded(self) -> bool:
        return True

    @property
    def decides_zeros(self) -> bool:
        return True

    @property
    def size(self) -> float:
        return float(self.max)

    @property
    def reads(self) -> str:
        return self.column

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.min > self.max:
            yield scope.problem("range", f"min {self.min} is above max {self.max}", "swap them", "min")
        table = scope.tables().get((scope.table.name if scope.column else scope.table.parent) or "")
        if table is None:
            return
        if self.column not in table.columns:
            message = f"'{table.name}' has no column '{self.column[:60]}'"
            yield scope.problem("unknown-column", message, did_you_mean(self.column, list(table.columns)), "column")
            return
        type_ = scope.type_of(self.column, table.name)
        if type_ is not None and type_.name != "int":
            message = f"'{self.column}' is a column of type {type_}"
            yield scope.problem("type", message, "name one of whole numbers: write 'decimals': 0 there", "column")
        elif type_ is not None:
            yield from self._beyond(scope, table.name)

    def _beyond(self, scope: Scope, table: str) -> Iterator[Problem]:
        """The problem of cells that are known to be outside the bounds."""
        extent = scope.extent(self.column, table)
        if extent is not None and extent[1] > self.max:
            message = f"'{self.column}' can be {extent[1]:,.0f}, more than max {self.max:,}"
            yield scope.problem("range", message, "raise max, or lower the largest cell", "max")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        table = scope.table.name if scope.column else scope.table.parent
        return frozenset({(table, self.column)} if table else ())

    def limits(self, *, multiplied: bool) -> tuple[int, int | None]:
        return (0, None) if multiplied else (0, self.max)

    def given(self, cells: Column) -> Ints:
        """The number that each cell gives, int64 (n,)."""
        found: Ints = np.clip(cells.data, self.min, self.max)
        return found if cells.valid is None else np.where(cells.valid, found, 0)

    def counts_of(self, stream: Stream, rows: Rows, factor: Floats | None) -> Ints:
        given = self.given(rows.column(self.column))
        return given if factor is None else np.floor(given * factor + stream.uniforms(rows.ids)).astype(np.int64)

    def counts(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        """Numbers where no cells are known: all between the bounds equally often."""
        drawn = uniform_below(stream.words(ids), self.max - self.min + 1) + self.min
        return drawn if factor is None else np.floor(drawn * factor).astype(np.int64)
