"""Bounds of cells that depend on how many rows one parent has: sums over rows, and walks along them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from datagen.columnar.block import Block, Ints
from datagen.engine.planned_scope import PlannedScope
from datagen.engine.program import Program
from datagen.errors import DatagenError
from datagen.kinds.generators.base import Extent, Numeric
from datagen.kinds.generators.support.numeric_range import largest_multiplier

_FEW, _UNEVEN, _SPREAD, _RARE = 8, 16, 4, 6
"""The most rows of any parent, by those of some: 16 times the largest number if there are fewer than eight; else that
number, four times its distance from the mean, and six.
"""


class Bounds:
    """The smallest and the largest cells of columns. `first` are blocks of the first rows of some tables."""

    def __init__(self, program: Program, first: Mapping[str, Block]) -> None:
        self._program, self._first = program, first
        self._found: dict[tuple[str, str], Extent | None] = {}

    def extent(self, table: str, column: str) -> Extent | None:
        """The extent of a column in storage form, which may be wider than 64 bits; None if unknown."""
        at = (table, column)
        if at not in self._found:
            self._found[at] = None
            self._found[at] = self._extent(table, column)
        return self._found[at]

    def _extent(self, table: str, column: str) -> Extent | None:
        model = self._program.model
        facts = model.tables.get(table)
        generator = facts.columns.get(column) if facts is not None else None
        if generator is None:
            return None
        scope = _Scope(self._program, self, table, column)
        grown = largest_multiplier(self._program.effects.planted(table, column))
        try:
            if isinstance(generator, Numeric):
                found = generator.reached(scope, grown)
            else:
                found = generator.extent(scope)
                found = found and (min(found[0], found[0] * grown), max(found[1], found[1] * grown))
        except DatagenError:
            return None
        return generator.modified(found, model.type_of(table, column))

    def rows_below(self, table: str, through: str | None) -> int | None:
        """The most rows of a table below one row of its parent, or that refer to one row."""
        if through is not None or table not in self._first:
            return self._program.about(table)
        counts = self._first[table].counts
        return None if counts is None else _most(counts)


def _most(counts: Ints) -> int:
    """The most rows of any parent, by those of some parents."""
    largest, mean = int(counts.max(initial=1)), float(counts.sum()) / max(len(counts), 1)
    if len(counts) < _FEW:
        return _UNEVEN * max(largest, 1)
    return math.ceil(largest + _SPREAD * (largest - mean)) + _RARE


class _Scope(PlannedScope):
    """The scope of a column that answers by bounds."""

    def __init__(self, program: Program, bounds: Bounds, table: str, column: str) -> None:
        super().__init__(program, program.model.column(table, column))
        self._bounds = bounds

    def extent(self, column: str, table: str | None = None) -> tuple[float, float] | None:
        other, dot, last = column.partition(".")
        return self._bounds.extent(*((other, last) if dot else (table or self.table.name, column)))

    def rows_below(self, table: str, through: str | None = None) -> int | None:
        known = super().rows_below(table, through)
        return self._bounds.rows_below(table, through) if known is None else known
