"""Generators within generators: the parts of cells with several values, and the alternatives of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

import pyarrow as pa

from datagen.columnar.block import Column, Ints, Rows, Type, Words
from datagen.columnar.nested import masked, nested_type
from datagen.columnar.to_arrow import array
from datagen.columnar.uncounted import UncountedRows
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.support.column_lookup import need

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

_USUAL_BYTES = 32


class NestedGenerator(Generator):
    """A generator whose cells hold several values."""

    multiplied: ClassVar[bool] = False
    computed: ClassVar[bool] = True

    def parts(self, scope: Scope) -> list[tuple[str, Generator, Scope]]:
        """The generators of the parts with their places."""
        raise TypeError(f"generator '{self.type}' has no parts")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset[tuple[str, str]]().union(*(part_needs(part, at) for _, part, at in self.parts(scope)))

    def part_types(self, scope: Scope) -> tuple[tuple[str, Type, bool], ...] | None:
        """Name, type and whether it can be missing of each part; None if one has problems."""
        found = []
        for name, part, at in self.parts(scope):
            type_ = part.result(at)
            if type_ is None:
                return None
            found.append((name, type_, part_nullable(part, at)))
        return tuple(found)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        for _, part, at in self.parts(scope):
            yield from part_problems(part, at)
            if part.role in ("key", "parent_key"):
                hint = "give the key a column of its own"
                yield at.problem("type", f"'{part.type}' numbers rows, not parts of a cell", hint, "type")

    def bytes_of(self, scope: Scope) -> int:
        """The bytes of one value of each part."""
        return sum((part.longest(at) or _USUAL_BYTES) + 8 for _, part, at in self.parts(scope))


def part_needs(part: Generator, scope: Scope) -> frozenset[ColumnRef]:
    """The columns that a nested generator and its modifiers read."""
    read = (need(scope, column) for modifier in part.modifiers for column in modifier.reads())
    return part.needs(scope) | frozenset(read)


def part_nullable(part: Generator, scope: Scope) -> bool:
    """Whether a nested generator can give missing cells, with its modifiers."""
    nullable = part.nullable(scope)
    for modifier in part.modifiers:
        nullable = modifier.nullable(nullable)
    return nullable


def part_problems(part: Generator, scope: Scope) -> Iterator[Problem]:
    """Problems of a nested generator and its modifiers."""
    yield from part.problems(scope)
    for key, given in (("hidden", part.hidden), ("precision", part.precision), ("zone", part.zone)):
        if given:
            message = f"a part of a column has no '{key}' of its own"
            yield scope.problem("no-effect", message, "write it at the column", key)
    type_ = part.result(scope)
    if type_ is None:
        return
    for i, modifier in enumerate(part.modifiers):
        yield from modifier.problems(scope.at("modifiers", i), type_)


def arrow_cells(column: Column) -> pa.Array:
    """The cells of a part as they stand within a nested cell: categories are text."""
    if column.type.nested:
        return masked(column.data, column.valid)
    return array(column, nested_type(column.type))


def item_rows(rows: Rows, ids: Words, owner: Ints, needs: frozenset[ColumnRef]) -> Rows:
    """The items of lists as rows: `owner` is the row of each, and they see the columns of it."""
    block = rows.block
    at = owner if rows.at is None else rows.at[owner]
    parents = None if block.parent_row is None else block.parent_row[at]
    attributes = {name: values.take(at) for name, values in block.attributes.items()}
    items = UncountedRows(block.table, 0, ids, block.parent, parents, None, attributes, block.time)
    for table, name in needs:
        if table == block.table:
            items.columns[name] = block.columns[name].take(at)
    return Rows(items)


def numbered_problem(part: Generator, scope: Scope) -> Iterator[Problem]:
    """The problem of an item whose cells depend on row numbers."""
    if (
        part.depends_on_row_number(scope)
        or part.identifies
        or not part.alone
        or (part.chooses and not part.unconditional)
    ):
        hint = "use a generator whose cells depend on nothing else, such as choice or lognormal"
        yield scope.problem(
            "type", f"'{part.type}' depends on other rows or their number, and items are no rows", hint, "type"
        )
