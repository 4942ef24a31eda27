"""Roll-ups that take the value of one child row: the smallest, the largest, the first or the last one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from datagen.columnar.block import Block, Column, Ints, Rows, Type
from datagen.columnar.text import text_array
from datagen.declarations.constraints import DerivedColumnDeclaration
from datagen.kinds.generators.after import both, holds
from datagen.kinds.generators.base import Extent, Fill
from datagen.kinds.generators.support.column_lookup import column_named, compiled
from datagen.kinds.generators.support.referring_rows import picked
from datagen.kinds.generators.support.rollup import RollUp

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import DeclaredColumn, Scope, StaticContext

ORDERED = ("int", "float", "decimal", "bool", "date", "timestamp", "duration")


class PickedRow(RollUp):
    """An expression at one of the rows of a child table; missing where there are none that count."""

    computed: ClassVar[bool] = True
    last: ClassVar[bool]
    """Whether the last of the ordered rows is picked, else the first."""
    what: ClassVar[str]

    expression: str = Field(description="SQL expression over the child's columns")

    def expressions(self) -> dict[str, str]:
        return {"expression": self.expression, **super().expressions()}

    def ordering(self) -> str | None:
        """The expression by which rows are ordered; None for the order in which they come."""
        return self.expression

    def result(self, scope: Scope) -> Type | None:
        expression = compiled(scope, self.expression, self.table) if self._known(scope) else None
        return expression.type if expression is not None else None

    def nullable(self, scope: Scope) -> bool:
        return True

    def source_column(self, context: StaticContext) -> tuple[StaticContext, DeclaredColumn] | None:
        return column_named(context, self.expression, self.table)

    def extent(self, scope: Scope) -> Extent | None:
        expression = compiled(scope, self.expression, self.table) if self._known(scope) else None
        rows = scope.rows_below(self.table)
        return None if expression is None else expression.extent(lambda name: scope.extent(name, self.table), rows)

    def longest(self, scope: Scope) -> int | None:
        expression = compiled(scope, self.expression, self.table) if self._known(scope) else None
        return (
            None if expression is None else expression.longest(lambda column: scope.longest(column, self.table)) or None
        )

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        order = self.ordering()
        by = compiled(scope, order, self.table) if order is not None and self._known(scope) else None
        if by is not None and by.type.name not in ORDERED:
            key = "expression" if order == self.expression else "order_by"
            yield scope.problem("type", f"cells of type {by.type} have no order here", "give a number or a time", key)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            what = f"the {self.what} '{self.expression[:60]}' of their rows in '{self.table}'"
            yield DerivedColumnDeclaration(
                scope.table.name, scope.column, fill=self.bind(scope), what=what, may_miss=bool(self.modifiers)
            )

    def bind(self, scope: Scope) -> Fill:
        table, text, order = self.table, self.expression, self.ordering()
        expression = scope.expression(text, table)
        condition = scope.expression(self.filter, table) if self.filter is not None else None
        by = None if order is None else scope.expression(order, table)

        if self.through is not None:
            referring = self.referring_rows(scope)
            cells = cache(lambda: referring.picks(expression, by, partial(holds, condition), last=self.last))
            return lambda rows: cells().take(referring.at(rows))

        def fill(rows: Rows) -> Column:
            child = rows.block.children[table]
            below = Rows(child)
            keys = by(below) if by is not None else None
            counted = both([None if keys is None else keys.valid, holds(condition, below)])
            at = np.arange(len(child)) if counted is None else np.flatnonzero(counted)
            chosen = _picked(child, at, None if keys is None else keys.data[at], last=self.last)
            chosen = chosen if rows.at is None else chosen[rows.at]
            found = chosen >= 0
            if not found.any():
                return _nothing(expression.type, len(rows))
            return expression(below).take(np.where(found, chosen, 0)).where(found)

        return fill


class OrderedRow(PickedRow):
    """An expression at the first or the last row of a child table, in the order they come in or in another."""

    order_by: str | None = Field(
        default=None, description="SQL expression that orders the rows; else the order they come in"
    )

    def expressions(self) -> dict[str, str]:
        return {**super().expressions(), **({"order_by": self.order_by} if self.order_by else {})}

    def ordering(self) -> str | None:
        return self.order_by


def _picked(child: Block, at: Ints, keys: np.ndarray | None, *, last: bool) -> Ints:
    """The position of the picked row of each parent, int64 (parents,), -1 for none; of equal keys the first row is
    picked.
    """
    assert child.counts is not None and child.parent_row is not None
    found = np.full(len(child.counts), -1, np.int64)
    parent = child.parent_row[at]
    best = picked(parent, keys, last=last)
    found[parent[best]] = at[best]
    return found


def _nothing(type_: Type, count: int) -> Column:
    """So many missing cells."""
    valid = np.zeros(count, np.bool_)
    if type_.name == "text":
        return Column(type_, text_array([""] * count), valid)
    if type_.name == "category":
        return Column(type_, np.zeros(count, np.int32), valid, text_array([""]))
    dtype = {"float": np.float64, "bool": np.bool_}.get(type_.name, np.int64)
    return Column(type_, np.zeros(count, dtype), valid)
