"""Finds the timestamp column with the birth of an entity."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Ints
from datagen.point_process.effects import NEVER_BORN, Entity
from datagen.time_units import DAY, YEAR_HOURS

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

_LONG_AGO = 40 * YEAR_HOURS


def birth_column(scope: Scope, born: str | None) -> str | None:
    """The named column, or the column with the entity's arrival or event time; None if there is none."""
    return born if born is not None else scope.table.moment


def birth_needs(scope: Scope, born: str | None) -> frozenset[ColumnRef]:
    column = birth_column(scope, born)
    return frozenset({(scope.table.name, column)} if column and "." not in column else ())


def birth_problems(scope: Scope, born: str | None) -> Iterator[Problem]:
    """Problems of the birth column: an entity without a birth has no age."""
    column = birth_column(scope, born)
    if column is None:
        message = f"'{scope.table.name}' has no arrival or event time, so its rows have no age"
        yield scope.problem("missing", message, "name a timestamp column of it in 'born'")
        return
    problem = scope.column_problem(column, "born")
    if problem is not None or "." in column:
        copy = f'name one of its columns, such as {{"type": "expression", "expression": "{column}"}}'
        hint = copy if problem is None else "name one of its columns"
        own = scope.problem("unrelated-table", f"'{column}' is not a column of '{scope.table.name}'", hint, "born")
        yield problem or own
        return
    type_ = scope.type_of(column)
    if type_ is not None and type_.name not in ("timestamp", "date"):
        yield scope.problem(
            "type", f"'{column}' is {type_}, not a timestamp or date", "name a timestamp or date column", "born"
        )
    elif scope.nullable(column):
        yield scope.problem(
            "nullable",
            f"'{column}' can be missing, but every row needs an age",
            "name a column that is never missing",
            "born",
        )


def oldest(scope: Scope, born: str | None) -> float:
    """The largest supported age in hours: the calendar's length, or longer if birth is an arbitrary timestamp."""
    hours = float(scope.grid().hours)
    return hours if birth_column(scope, born) == scope.table.moment else max(hours, _LONG_AGO)


def births(scope: Scope, born: str | None) -> Callable[[Entity], Ints]:
    """The birth of each entity, int64 microseconds since 1970, shape (n,); UNBORN where the reference is null."""
    column = birth_column(scope, born)
    assert column is not None

    def of(entity: Entity) -> Ints:
        values = entity.column(column)
        born: Ints = values.data * DAY if values.type.name == "date" else values.data
        return born if values.valid is None else np.where(values.valid, born, NEVER_BORN)

    return of
