"""Rules for what a behavior may target."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope, Table


def own_rate(scope: Scope, targets: Iterable[str]) -> Iterator[Problem]:
    """The problem of a behavior on the rate of its own table: its rows do not exist before they are made."""
    name, parent = scope.table.name, scope.table.parent
    if name in targets:
        message = f"the rows of '{name}' cannot change how many of them there are"
        hint = f"declare the behavior on '{parent}'" if parent else "use the curve of its arrivals, or a trend"
        yield scope.problem("unrelated-table", message, hint)


def rates_only(scope: Scope, targets: Iterable[str], *keys: str | int) -> Iterator[Problem]:
    """A problem for each target that is a column: a lifetime bounds events, it does not multiply values."""
    for target in targets:
        if "." in target:
            message = f"'{target}' is a column, but this behavior only bounds when events happen"
            yield scope.problem("unrelated-table", message, f"write '{target.partition('.')[0]}'", *keys)


def below(scope: Scope, targets: Iterable[str]) -> Iterator[Problem]:
    """A problem for each target that is neither the entity's own table nor below it."""
    tables, name = scope.tables(), scope.table.name
    for target in sorted(targets):
        table = tables.get(target.partition(".")[0])
        if table is not None and table.name != name and name not in _above(scope, table):
            message, hint = f"'{table.name}' is not below '{name}'", "name the table itself or one below it"
            if any(column.chooses == name for column in table.columns.values()):
                message += ", its rows only choose among those of it"
                hint += "; a choice of this table with 'segments' on it changes how often each row is chosen"
            yield scope.problem("unrelated-table", message, hint)


def events_below(scope: Scope) -> tuple[str, ...]:
    """The tables of events below the entity, at any depth."""
    tables = scope.tables()
    return tuple(
        name
        for name, table in tables.items()
        if "event_time" in table.row_times and scope.table.name in _above(scope, table)
    )


def ending_below(scope: Scope) -> tuple[str, ...]:
    """The tables below the entity, at any depth, of which rows come over time at a rate: events and intervals."""
    return tuple(
        name
        for name, table in scope.tables().items()
        if table.rows.multiplied and table.row_times and scope.table.name in _above(scope, table)
    )


def rates_reached(scope: Scope) -> tuple[str, ...]:
    """The tables whose rows can be multiplied: those below the entity, and those of which rows refer to it."""
    return tuple(
        name
        for name, table in scope.tables().items()
        if (table.rows.multiplied and scope.table.name in _above(scope, table))
        or any(column.chooses == scope.table.name for column in table.columns.values())
    )


def choosing_over_time(scope: Scope) -> dict[str, str]:
    """The tables beside the entity of which rows choose an entity at a known time, each with the column that does."""
    tables, entity = scope.tables(), scope.table.name
    found: dict[str, str] = {}
    for name, table in tables.items():
        above = _above(scope, table)
        timed = any(tables[one].row_times for one in (name, *above) if one in tables)
        for column, made in table.columns.items():
            if entity not in (name, *above) and made.chooses == entity and (timed or made.chosen_at):
                found.setdefault(name, column)
    return found


def _above(scope: Scope, table: Table) -> list[str]:
    """The ancestors of a table, nearest first. Ends at a cycle."""
    names: list[str] = []
    above = table.parent
    while above is not None and above not in names:
        names.append(above)
        found = scope.tables().get(above)
        above = found.parent if found else None
    return names
