"""Aggregates the rows of a child table into a column of the parent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from datagen.kinds.generators.base import ColumnRef, Generator
from datagen.kinds.generators.support.column_lookup import ancestors, expression_needs, expression_problems
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class RollUp(Generator):
    """An aggregate over the rows of a child table: all of them, or those for which a condition is true."""

    multiplied: ClassVar[bool] = False

    table: str = Field(description="a table whose parent is this one")
    filter: str | None = Field(
        default=None, description="SQL condition on the child's columns; only rows where it is true count"
    )

    def expressions(self) -> dict[str, str]:
        """The expressions over the child's columns, by field."""
        return {} if self.filter is None else {"filter": self.filter}

    def _known(self, scope: Scope) -> bool:
        child = scope.tables().get(self.table)
        return child is not None and child.parent == scope.table.name

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        if not self._known(scope):
            return frozenset()
        child = scope.tables()[self.table]
        # The child rows must exist even if no column of them is read.
        rows = frozenset({(self.table, child.key or next(iter(child.columns)))})
        return rows.union(*(expression_needs(scope, text, self.table) for text in self.expressions().values()))

    def _unknown(self, scope: Scope) -> Problem:
        tables, own = scope.tables(), scope.table.name
        children = [table.name for table in tables.values() if table.parent == own]
        between = next((name for name in children if name in ancestors(self.table, tables)), None)
        if between is not None:
            message = f"'{self.table}' is below '{between}', not directly below '{own}'"
            hint = f"aggregate it in '{between}' first, then that column in '{own}'"
            return scope.problem("unrelated-table", message, hint, "table")
        message = f"'{self.table[:60]}' is not a table below '{own}'"
        return scope.problem("unknown-table", message, did_you_mean(self.table, children), "table")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if not self._known(scope):
            yield self._unknown(scope)
            return
        for key, text in self.expressions().items():
            yield from expression_problems(scope, text, key, "bool" if key == "filter" else "", self.table)
