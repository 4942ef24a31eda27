"""A generator of another package: a fair die. It declares what it does, for a metric of its own."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.declarations.base import Declaration
from datagen.declarations.constraints import RangeDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.random.integers import uniform_below
from datagen.scope import Scope


@dataclass(frozen=True, eq=False)
class FairDieDeclaration(Declaration):
    """The cells of `column` are 1 to `sides`, equally likely."""

    column: str
    sides: int


class Dice(Generator):
    """The number of a fair die."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "throws",
            "tables": {"throws": {"rows": 600, "columns": {"id": {"type": "key"}, "number": {"type": "dice"}}}},
        },
    )

    type: Literal["dice"] = "dice"
    sides: int = Field(default=6, ge=2, le=100, description="how many sides the die has")

    def result(self, scope: Scope) -> Type | None:
        return INT

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        table, column = scope.table.name, scope.column or ""
        yield RangeDeclaration(table, column, low=1, high=self.sides, range=f"1 to {self.sides}")
        yield FairDieDeclaration(table, column, self.sides)

    def bind(self, scope: Scope) -> Fill:
        stream, sides = scope.stream(), self.sides

        def fill(rows: Rows) -> Column:
            return Column(INT, uniform_below(stream.words(rows.ids), sides) + 1)

        return fill
