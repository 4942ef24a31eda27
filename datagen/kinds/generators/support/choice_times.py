"""Problems of the times of a choice: when rows existed, and which rows of the own table are earlier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.errors import Note
from datagen.kinds.choosers.support.time_order import disordered
from datagen.kinds.generators.support.column_lookup import ancestors
from datagen.registry import did_you_mean
from datagen.time_names import happened

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.kinds.choosers.support.choice import Choice
    from datagen.scope import Scope


_FROM_ROWS = frozenset({"expression", "lookup", "row_attribute", "random_walk"})
"""Kinds whose cells may be in the order of the rows, or alike below one parent."""


def time_problems(scope: Scope, choice: Choice) -> Iterator[Problem]:
    """All of them, at the reference that `scope` is the place of."""
    yield from _existing(scope, choice)
    if choice.lookback is not None and choice.existing_at is None:
        yield scope.problem("missing", "lookback counts from a time", "write 'existing_at'", "lookback")
    yield from _within(scope, choice)
    yield from _order(scope, choice)


def order_notes(scope: Scope, choice: Choice) -> Iterator[Note]:
    """Where earlier rows of the own table are so by their order, and their time may be in another."""
    if choice.table != scope.table.name or choice.order_by is not None:
        return
    parent = disordered(choice.table, None, scope.tables()) if choice.within is None else None
    if parent is not None:
        message = (
            f"it chooses rows that stand earlier in '{choice.table}', which are in the order of time below one row of "
            f"'{parent}' only"
        )
        hint = f'to choose rows that are earlier in time, write "within": "{parent}", or name a time in "order_by"'
        yield Note(scope.keys, message, hint)
    if scope.table.row_times:
        return
    times = _own_times(scope)
    if times:
        message = f"it chooses rows that stand earlier in '{choice.table}', whose '{times[0]}' can be later"
        hint = f'to choose rows that are earlier by this column, write "order_by": "{times[0]}"'
        yield Note(scope.keys, message, hint)


def _own_times(scope: Scope) -> list[str]:
    """The columns whose times may be in another order than the rows: those of what has happened, by their names; else
    the only timestamp.
    """
    columns = scope.table.columns.items()
    shown = [name for name, made in columns if not (made.hidden or made.type in _FROM_ROWS)]
    types = {name: type_.name for name in shown if (type_ := scope.type_of(name)) is not None}
    past = [name for name, type_ in types.items() if type_ in ("timestamp", "date") and happened(name)]
    stamps = [name for name, type_ in types.items() if type_ == "timestamp"]
    return [name for name in past if not name.startswith("born")] or (stamps if len(stamps) == 1 else [])


def _existing(scope: Scope, choice: Choice) -> Iterator[Problem]:
    if choice.existing_at is None:
        return
    problem = scope.column_problem(choice.existing_at, "existing_at")
    if problem:
        yield problem
        return
    type_ = scope.type_of(choice.existing_at)
    if type_ is not None and type_.name != "timestamp":
        message = f"'{choice.existing_at}' is {type_}, not a timestamp"
        yield scope.problem("type", message, "name a timestamp column", "existing_at")
    times = scope.tables()[choice.table].row_times
    if "arrival_time" not in times and not (choice.within and times):
        message = f"the rows of '{choice.table}' do not arrive over time, so existing_at has no effect"
        hint = "leave it out, or give the table arrivals as rows"
        if choice.table == scope.table.name and choice.existing_at in scope.table.columns:
            hint = f'rows that are earlier by this column are chosen with "order_by": "{choice.existing_at}"'
        elif times:
            hint = "for rows that come below a parent, name two times of theirs: 'valid': {'from': ..., 'to': ..., "
            hint += f"'at': '{choice.existing_at}'}}"
        yield scope.problem("no-effect", message, hint, "existing_at")


def _within(scope: Scope, choice: Choice) -> Iterator[Problem]:
    tables = scope.tables()
    if choice.within is None:
        return
    if not {choice.within} <= ancestors(scope.table.name, tables) & ancestors(choice.table, tables):
        message = f"'{choice.within}' is not an ancestor of both '{scope.table.name}' and '{choice.table}'"
        yield scope.problem("unrelated-table", message, "name a table that both are below", "within")


def _order(scope: Scope, choice: Choice) -> Iterator[Problem]:
    """Problems of the order in which rows of the own table are earlier than others."""
    own, column = choice.table == scope.table.name, choice.order_by
    if column is not None:
        yield from _order_column(scope, column) if own else [
            scope.problem(
                "no-effect", "only rows of the own table are earlier ones", "leave it out, or use 'existing_at'",
                "order_by",
            )
        ]  # fmt: skip


def _order_column(scope: Scope, column: str) -> Iterator[Problem]:
    if column not in scope.table.columns:
        hint = did_you_mean(column, list(scope.table.columns))
        yield scope.problem("unknown-column", f"'{scope.table.name}' has no column '{column[:60]}'", hint, "order_by")
        return
    type_ = scope.type_of(column)
    if type_ is not None and type_.name not in ("timestamp", "date"):
        message = f"'{column}' is {type_}, not a timestamp or date"
        yield scope.problem("type", message, "name a timestamp or date column", "order_by")
