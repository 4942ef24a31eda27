"""The moment that a generator reads of each row: a column, or the row's own time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.columnar.block import Ints, Rows
from datagen.columnar.row_time import moments
from datagen.errors import ValueFault
from datagen.kinds.generators.support.column_lookup import need, type_problems

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope


def moment_needs(scope: Scope, column: str | None) -> frozenset[ColumnRef]:
    """The column that is read, as (table, column)."""
    return frozenset({need(scope, column)} if column is not None else ())


def moment_problems(scope: Scope, column: str | None, key: str) -> Iterator[Problem]:
    """Problems of reading the time of rows from here."""
    if column is not None:
        yield from type_problems(scope, column, ("timestamp",), key)
        if scope.nullable(column):
            yield scope.problem("nullable", f"'{column}' can be missing", "name another column", key)
    elif not _timed(scope):
        message = f"the rows of '{scope.table.name}' have no time"
        yield scope.problem("missing", message, f"name a timestamp column with '{key}'", key)


def _timed(scope: Scope) -> bool:
    table, seen = scope.table, set[str]()
    while not table.row_times:
        parent = scope.tables().get(table.parent or "")
        if parent is None or parent.name in seen:
            return False
        seen.add(parent.name)
        table = parent
    return True


def moment_of(rows: Rows, column: str | None) -> Ints:
    """Microseconds since 1970 of each row, int64 (n,)."""
    times: Ints | None = rows.column(column).data if column is not None else moments(rows)
    if times is None:
        raise ValueFault("the rows have no time; name a timestamp column")
    return times
