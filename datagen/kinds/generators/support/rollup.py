"""Aggregates rows of another table into a column: those of a child table, or those whose keys point to the row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from datagen.columnar.block import INT
from datagen.kinds.generators.base import Generator
from datagen.kinds.generators.support.column_lookup import (
    ancestors,
    expression_needs,
    expression_problems,
    key_start,
    seen_from,
)
from datagen.kinds.generators.support.referring_rows import ReferringRows
from datagen.registry import did_you_mean
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class RollUp(Generator):
    """An aggregate over the rows of a child table, or of one that refers to this one: all of them, or those for which a
    condition is true.
    """

    alone: ClassVar[bool] = False
    multiplied: ClassVar[bool] = False

    table: str = Field(description="a table whose parent is this one; with 'through' any table")
    through: str | None = Field(
        default=None,
        description="the column of that table with keys of this one: aggregate the rows that refer to a row",
    )
    filter: str | None = Field(
        default=None, description="SQL condition on the child's columns; only rows where it is true count"
    )

    def expressions(self) -> dict[str, str]:
        """The expressions over the child's columns, by field."""
        return {} if self.filter is None else {"filter": self.filter}

    def _known(self, scope: Scope) -> bool:
        child = scope.tables().get(self.table)
        if child is None or self.through is None:
            return child is not None and child.parent == scope.table.name
        return self._keys(scope) is not None and scope.table.key is not None

    def _keys(self, scope: Scope) -> str | None:
        """The column of the table with row numbers of this one: a hidden one where its keys are of another type."""
        return _referring(scope, self.table).get(self.through or "")

    def referring_rows(self, scope: Scope) -> ReferringRows:
        """The pass over the rows that refer to this table."""
        reads = [expression_needs(scope, text, self.table) for text in self.expressions().values()]
        keys, own = self._keys(scope), scope.table.name
        assert keys is not None and scope.table.key is not None
        needs = frozenset({(self.table, keys)}).union(*reads)
        return ReferringRows(
            scope.scan(self.table, needs), keys, scope.table.key, key_start(scope, own), scope.rows_in(own)
        )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        if not self._known(scope):
            return self._unsettled(scope)
        child = scope.tables()[self.table]
        reads = [expression_needs(scope, text, self.table) for text in self.expressions().values()]
        if self.through is not None:
            keys = {(self.table, self._keys(scope) or ""), (scope.table.name, scope.table.key or "")}
            return frozenset(keys).union(*reads)
        # The child rows must exist even if no column of them is read.
        rows = frozenset({(self.table, child.key or next(iter(child.columns)))})
        return rows.union(*reads)

    def _unsettled(self, scope: Scope) -> frozenset[ColumnRef]:
        """The column of `through` that holds no keys as far as is known: it may have no type because of a cycle."""
        there = scope.tables().get(self.table)
        known = there is not None and self.through is not None and self.through in there.columns
        return frozenset({(self.table, self.through)} if known and self.through is not None else ())

    def _unknown(self, scope: Scope) -> Problem:
        tables, own = scope.tables(), scope.table.name
        children = [table.name for table in tables.values() if table.parent == own]
        between = next((name for name in children if name in ancestors(self.table, tables)), None)
        referring = next(iter(_referring(scope, self.table)), None)
        if referring is not None:
            message = f"'{self.table}' is not below '{own}', but its column '{referring}' refers to it"
            return scope.problem("unrelated-table", message, f'write "through": "{referring}"', "table")
        if between is not None:
            message = f"'{self.table}' is below '{between}', not directly below '{own}'"
            hint = f"aggregate it in '{between}' first, then that column in '{own}'"
            return scope.problem("unrelated-table", message, hint, "table")
        message = f"'{self.table[:60]}' is not a table below '{own}'"
        return scope.problem("unknown-table", message, did_you_mean(self.table, children), "table")

    def _unreferred(self, scope: Scope, through: str) -> Problem:
        tables, own = scope.tables(), scope.table.name
        if self.table not in tables:
            message = f"there is no table '{self.table[:60]}'"
            return scope.problem("unknown-table", message, did_you_mean(self.table, list(tables)), "table")
        referring = _referring(scope, self.table)
        known = through in tables[self.table].columns
        message = f"'{self.table}.{through[:60]}' holds no keys of '{own}'"
        message = message if known else f"'{self.table}' has no column '{through[:60]}'"
        hint = did_you_mean(through, list(referring)) if referring else f"give '{self.table}' a reference to '{own}'"
        column = tables[self.table].columns.get(through)
        if column is not None and column.role == "parent_key" and own in ancestors(self.table, tables):
            message = f"'{self.table}.{through[:60]}' copies a key of '{own}' that is no number"
            below = f"leave out 'through': '{self.table}' is a child of '{own}'"
            hint = below if tables[self.table].parent == own else "aggregate in the table between them first"
        return scope.problem("type" if known else "unknown-column", message, hint, "through")

    def _unrelated(self, scope: Scope) -> Iterator[Problem]:
        there = scope.tables().get(self.table)
        if self.through is None:
            yield self._unknown(scope)
        elif there is None or self.through not in there.columns or scope.type_of(self.through, self.table) is not None:
            yield self._unreferred(scope, self.through)  # a column without a type has problems of its own

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if not self._known(scope):
            yield from self._unrelated(scope)
            return
        for key, text in self.expressions().items():
            yield from expression_problems(scope, text, key, "bool" if key == "filter" else "", self.table)


def _referring(scope: Scope, table: str) -> dict[str, str]:
    """The columns of a table that hold keys of this one, each with the column of their row numbers.

    A `parent_key` that copies a key of another type has no row numbers, so it is left out.
    """
    there = seen_from(scope, table)
    if there is None:
        return {}
    columns = there.table.columns
    chosen = {name: column.chosen_through or name for name, column in columns.items()}
    own = scope.table.name
    return {
        name: keys
        for name, keys in chosen.items()
        if name not in there.table.latent
        and keys in columns
        and columns[keys].refers_to(there) == own
        and scope.type_of(keys, table) in (None, INT)
    }
