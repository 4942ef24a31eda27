"""Facts about other columns for generators: whether they can be read, their references, their values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from datagen import expressions
from datagen.errors import ExpressionError, Problem
from datagen.expressions.lengths import LONGEST_CELL

if TYPE_CHECKING:
    from datagen.columnar.block import Type
    from datagen.expressions.compiled_expression import Compiled
    from datagen.scope import ColumnRef, DeclaredColumn, Scope, StaticContext, Table

_DEEPEST, _LONGEST = 16, 100
"""The most tables, and columns of one table, on the way to a fact; a longer one is taken for a cycle."""


@dataclass(frozen=True, slots=True)
class OtherTableContext:
    """The same document, seen from another table, `depth` tables away from the first question, or from `columns` other
    columns of a table.
    """

    table: Table
    known: Mapping[str, Table]
    depth: int = 1
    columns: int = 0

    def tables(self) -> Mapping[str, Table]:
        return self.known


def seen_from(context: StaticContext, table: str) -> OtherTableContext | None:
    """The context of `table`; None if there is none, or if the path to it is a cycle."""
    found = context.tables().get(table)
    depth = context.depth + 1 if isinstance(context, OtherTableContext) else 1
    return OtherTableContext(found, context.tables(), depth) if found is not None and depth <= _DEEPEST else None


def resolve_column(context: StaticContext, column: str) -> tuple[StaticContext, DeclaredColumn] | None:
    """The generator of `column` of this table, or of an ancestor as `table.column`, and its context."""
    table, dot, name = column.partition(".")
    there: StaticContext | None = seen_from(context, table) if dot else context
    generator = there.table.columns.get(name if dot else table) if there is not None else None
    return None if there is None or generator is None else (there, generator)


def column_named(
    context: StaticContext, text: str, table: str | None = None
) -> tuple[StaticContext, DeclaredColumn] | None:
    """The column that an expression over `table`, or over this one, names as a whole, with its context."""
    try:
        name = expressions.column_named(text)
    except ExpressionError:
        return None
    there = seen_from(context, table or context.table.name)
    return None if name is None or there is None else resolve_column(there, name)


def domain_of(context: StaticContext, column: str) -> tuple[str, ...] | None:
    """Every value of `column`, as written in a document; None if unknown."""
    found = resolve_column(context, column)
    if found is None or found[0] is not context:
        return None if found is None else found[1].domain(found[0])
    depth, columns = (context.depth, context.columns) if isinstance(context, OtherTableContext) else (0, 0)
    there = OtherTableContext(context.table, context.tables(), depth, columns + 1)
    return found[1].domain(there) if columns < _LONGEST else None


def target_of(context: StaticContext, column: str) -> str | None:
    """The table whose keys `column` holds, its own or copied ones; None if they are no keys that number rows."""
    found = resolve_column(context, column)
    return found[1].points_to(found[0]) if found else None


def key_start(context: StaticContext, table: str) -> int:
    """The key of the first row of `table`."""
    there = context.tables()[table]
    generator = there.columns.get(there.key) if there.key else None
    return (generator.first_key if generator is not None else None) or 0


def shown_key(target: Table) -> str | None:
    """The column that identifies rows of a table for others: its visible key, else its only visible identity, else a
    hidden key that the document names. None if there is none, or a composite one.
    """
    key, identity = target.key, target.identity
    if key is not None and key not in target.latent and not (target.columns[key].hidden and len(identity) == 1):
        return key
    return identity[0] if len(identity) == 1 else None


def ancestors(table: str, tables: Mapping[str, Table]) -> set[str]:
    """The ancestors of a table, each once even in a cycle; empty for an unknown table."""
    found: set[str] = set()
    above = tables[table].parent if table in tables else None
    while above is not None and above in tables and above not in found:
        found.add(above)
        above = tables[above].parent
    return found


def keys_up_to(scope: Scope, table: str, shared: str) -> tuple[tuple[str, str, str], ...] | None:
    """The columns that lead from `table` up to its ancestor `shared`, as (table, column, table whose rows it numbers).
    None if some table on the way has none.
    """
    found: list[tuple[str, str, str]] = []
    while table != shared:
        columns = {
            column.refers_to(there): name
            for there in (seen_from(scope, table),) if there is not None
            for name, column in there.table.columns.items()
            if column.role == "parent_key" and column.intact and str(scope.type_of(name, table)) == "int"
        }  # fmt: skip
        above = shared if shared in columns else scope.tables()[table].parent or ""
        if above not in columns:
            return None
        found.append((table, columns[above], above))
        table = above
    return tuple(found)


def need(context: StaticContext, column: str) -> ColumnRef:
    """A column as (table, column)."""
    table, dot, name = column.partition(".")
    return (table, name) if dot else (context.table.name, table)


def type_problems(scope: Scope, column: str, types: Sequence[str], *keys: str | int) -> Iterator[Problem]:
    """Problems of reading `column` from here as one of these types."""
    problem = scope.column_problem(column, *keys)
    if problem is not None:
        yield problem
        return
    found = scope.type_of(column)
    if found is not None and found.name not in types:
        required = " or ".join(types)
        yield scope.problem("type", f"'{column}' is a column of type {found}", f"name one of type {required}", *keys)


def compiled(scope: Scope, text: str, table: str | None = None) -> Compiled | None:
    """The compiled expression; None if it is invalid, which `miswritten` reports."""
    try:
        return scope.expression(text, table)
    except ExpressionError:
        return None


def expression_problems(
    scope: Scope, text: str, key: str, required: str = "", table: str | None = None
) -> Iterator[Problem]:
    """Problems of the expression under `key`, which draws nothing; `required` is its required type, if any."""
    yield from drawing_problems(scope, text, key, required, table)
    expression = compiled(scope, text, table)
    if expression is not None and expression.random:
        message = "RANDOM() can be used in columns of type 'expression' only"
        yield scope.problem("not-allowed", message, "draw the number in one, hidden if need be", key)


def drawing_problems(
    scope: Scope, text: str, key: str, required: str = "", table: str | None = None
) -> Iterator[Problem]:
    """The problems of an expression that may call RANDOM()."""
    try:
        expression = scope.expression(text, table)
    except ExpressionError as error:
        yield scope.problem(error.code, error.message, error.hint, key)
        return
    if required and expression.type.name != required:
        hint = "write a condition, such as amount > 0" if required == "bool" else ""
        yield scope.problem("type", f"the expression has type {expression.type}, not {required}", hint, key)
    yield from _too_wide(scope, expression, key, table)
    for message, hint in foreseen(scope, expression, table):
        yield scope.problem("range", message, hint, key)
    if table is None:
        problems = (scope.column_problem(column, key) for column in sorted(expression.columns))
        yield from (problem for problem in problems if problem is not None)


def foreseen(scope: Scope, expression: Compiled, table: str | None = None) -> Iterator[tuple[str, str]]:
    """A predictable failure in some row, with what to write instead."""
    context = scope if table is None else seen_from(scope, table) or scope
    return expression.foreseen(lambda column: domain_of(context, column), lambda column: scope.extent(column, table))


def _too_wide(scope: Scope, expression: Compiled, key: str, table: str | None) -> Iterator[Problem]:
    """The problem of texts that are too long, unless a column that the expression reads is too long already."""
    lengths = {column: scope.longest(column, table) or 0 for column in expression.columns}
    if max(lengths.values(), default=0) > LONGEST_CELL:
        return
    found = expression.widest(lambda column: scope.longest(column, table))
    if found > LONGEST_CELL:
        message = f"a text of the expression can have {found:,} bytes; the limit is {LONGEST_CELL:,}"
        yield scope.problem("too-large", message, "shorten its parts, for example with LEFT(text, 1000)", key)


def expression_needs(scope: Scope, text: str, table: str | None = None) -> frozenset[ColumnRef]:
    """The columns that the expression reads, as far as they exist. The types need not fit."""
    try:
        columns = expressions.columns_of(text)
    except ExpressionError:
        return frozenset()
    context = scope if table is None else seen_from(scope, table) or scope
    return frozenset(need(context, column) for column in columns if resolve_column(context, column) is not None)


def type_in(scope: Scope, table: str | None, column: str) -> Type | None:
    """The type of a column of `table`; None if either is unknown."""
    return scope.type_of(column, table) if table is not None else None


def as_text_sql(column: str) -> str:
    """The SQL expression of a column (`name`, or `table.name` of an ancestor) as text."""
    table, dot, name = column.rpartition(".")
    quoted = '"' + name.replace('"', '""') + '"'
    return f"'' || {table}{dot}{quoted}"
