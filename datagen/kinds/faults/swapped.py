"""Swapped fields: the values of two columns are exchanged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import TEXT, Column, Ints, Rows, Type
from datagen.kinds.faults.base import CellFault, Cells, ColumnShape, Damage
from datagen.kinds.faults.support.examples import people
from datagen.names import ColumnName

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Swapped(CellFault):
    """Exchanges the values of two columns of one type, such as a first and a last name."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        people({"type": "swapped", "columns": ["name", "city"], "rate": 0.02}),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("swap", "swapped_fields", "exchanged", "transposed")
    type: Literal["swapped"] = "swapped"
    columns: tuple[ColumnName, ...] = Field(min_length=2, max_length=2, description="the two columns")

    def shape(self, column: str, before: ColumnShape) -> ColumnShape:
        return ColumnShape(_type(before.type), before.nullable)

    def column_problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().column_problems(scope)
        first, second = (scope.type_of(column) for column in self.columns)
        if first is None or second is None or self.columns[0] == self.columns[1]:
            if self.columns[0] == self.columns[1]:
                yield scope.problem("no-effect", "both columns are the same", "name two columns", "columns", 1)
            return
        if _type(first) != _type(second):
            message = f"'{self.columns[0]}' is {first} and '{self.columns[1]}' is {second}"
            yield scope.problem("type", message, "name two columns of one type", "columns", 1)
        if scope.nullable(self.columns[0]) != scope.nullable(self.columns[1]):
            some = next(c for c in self.columns if scope.nullable(c))
            message = f"cells of '{some}' can be missing, those of the other column cannot"
            yield scope.problem("type", message, "name two columns of one type", "columns", 1)

    def bind(self, scope: Scope) -> Damage:
        first, second = self.columns

        def damage(rows: Rows, at: Ints) -> Mapping[str, Cells]:
            hit = rows.take(at)
            values = {column: _plain(hit.column(column)) for column in self.columns}
            return {first: Cells(at, values[second]), second: Cells(at, values[first])}

        return damage


def _type(type_: Type) -> Type:
    """The type in the file: two categories have different words, so both become text."""
    return TEXT if type_.textual else type_


def _plain(cells: Column) -> Column:
    return Column(TEXT, cells.texts, cells.valid) if cells.type.textual else cells
