"""A column of rows that are listed in the document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Rows, Type
from datagen.columnar.text import text_array
from datagen.declarations.constraints import AllowedValuesDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.literals import As, Cell, column_of, parse_cell, spelled, type_for
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext


class Listed(Generator):
    """A column of the rows of a table whose row source is `listed`, by default the one of the same name.

    The cells make the type, as the values of a `choice` do. With `unique` no cell comes twice. Columns of which no two
    rows have the same cells can be the `primary_key`.
    """

    alone: ClassVar[bool] = False
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "world",
            "tables": {
                "countries": {
                    "rows": {
                        "type": "listed",
                        "columns": ["code", "name", "since"],
                        "rows": [
                            ["DE", "Germany", "1949-05-23"],
                            ["FR", "France", None],
                            ["JP", "Japan", "1947-05-03"],
                        ],
                    },
                    "columns": {
                        "code": {"type": "listed", "unique": True},
                        "label": {"type": "listed", "column": "name", "as": "text"},
                        "since": {"type": "listed", "as": "date"},
                    },
                }
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = ("from_list", "from_rows", "inline", "from_file", "csv_column")
    type: Literal["listed"] = "listed"
    column: str | None = Field(default=None, description="the listed column, where it is not called as this one")
    unique: bool = Field(default=False, description="no cell is repeated or missing")
    as_: As = Field(default=None, alias="as")

    @property
    def identifies(self) -> bool:
        return self.unique

    def listed_cells(self, context: StaticContext) -> tuple[object, ...] | None:
        cells, type_ = self._cells(context), self._type(context)
        try:
            return tuple(None if cell is None else parse_cell(cell, type_) for cell in cells) or None
        except ValueError:
            return None  # a problem of the cells

    def _name(self, context: StaticContext) -> str:
        own = (name for name, column in context.table.columns.items() if column is self)
        return self.column or next(own, "")

    def _cells(self, context: StaticContext) -> tuple[Cell | None, ...]:
        return context.table.rows.listed(self._name(context)) or ()

    def _type(self, context: StaticContext) -> Type:
        return type_for([cell for cell in self._cells(context) if cell is not None], False, self.as_)

    def result(self, scope: Scope) -> Type | None:
        known = scope.table.rows.listed(self._name(scope)) is not None
        return self._type(scope) if known else None

    def nullable(self, scope: Scope) -> bool:
        return None in self._cells(scope)

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        cells = dict.fromkeys(spelled(cell) for cell in self._cells(context) if cell is not None)
        return tuple(cells) or None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        name, known = self._name(scope), scope.table.rows.listed_columns
        if known is None or not name:
            return  # the row source reports its file; a column of which a part cannot be parsed may name another one
        if name not in known:
            message = f"the rows of '{scope.table.name}' list no column '{name[:60]}'"
            hint = did_you_mean(name, list(known)) if known else "give the table rows of type 'listed'"
            yield scope.problem("unknown-column", message, hint, *(("column",) if self.column else ()))
            return
        cells = self._cells(scope)
        yield from self._unreadable(scope, cells)
        twice = next((cell for cell, times in Counter(cells).items() if times > 1), None)
        if self.unique and None in cells:
            yield scope.problem(
                "nullable", f"cells of '{name}' are missing", "fill them, or leave out 'unique'", "unique"
            )
        elif self.unique and twice is not None:
            message = f"'{spelled(twice)[:40]}' is given twice"
            yield scope.problem("duplicate", message, "remove one, or leave out 'unique'", "unique")

    def _unreadable(self, scope: Scope, cells: tuple[Cell | None, ...]) -> Iterator[Problem]:
        type_ = self._type(scope)
        for i, cell in enumerate(cells):
            try:
                parse_cell(_ANY.get(type_.name, "") if cell is None else cell, type_)
            except ValueError as error:
                yield scope.problem("type", f"row {i + 1}: {error}", "write another cell, or another 'as'", "as")
                return

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if not self.intact:
            return
        type_ = self._type(scope)
        cells = (cell for cell in self._cells(scope) if cell is not None)
        values = tuple(dict.fromkeys(parse_cell(cell, type_) for cell in cells))
        yield AllowedValuesDeclaration(scope.table.name, scope.column, values=values)
        if self.unique:
            yield UniqueDeclaration(scope.table.name, (scope.column or "",))

    def _made(self, scope: Scope) -> Column:
        """The whole column; missing cells hold any value."""
        type_, cells = self._type(scope), self._cells(scope)
        filled = [_ANY.get(type_.name, "") if cell is None else cell for cell in cells]
        valid = np.array([cell is not None for cell in cells], np.bool_)
        made = column_of(filled, type_)
        if type_.name == "category":
            words = {spelled(cell): code for code, cell in enumerate(dict.fromkeys(map(spelled, filled)))}
            codes = np.array([words[spelled(cell)] for cell in filled], np.int32)
            made = Column(type_, codes, dictionary=text_array(list(words)))
        return Column(type_, made.data, None if valid.all() else valid, made.dictionary)

    def bind(self, scope: Scope) -> Fill:
        made = self._made(scope)

        def fill(rows: Rows) -> Column:
            return made.take(rows.index)

        return fill


_ANY: dict[str, Cell] = {
    "int": 0, "decimal": 0, "float": 0.0, "bool": False, "date": "1970-01-01", "timestamp": "1970-01-01",
    "duration": "0s",
}  # fmt: skip
"""The data of missing cells."""
