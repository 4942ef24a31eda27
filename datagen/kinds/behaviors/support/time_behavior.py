"""Shared code of behaviors over calendar time: their targets and the grid."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.value_codes import TYPES
from datagen.kinds.generators.support.column_lookup import type_problems
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, str) else data


Targets = Annotated[
    tuple[Annotated[str, Field(max_length=130)], ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


class TimeBehavior(Behavior):
    """A behavior by time. It multiplies the rows or columns of its own table, or of tables below or referring to it."""

    of: Targets = Field(
        default=("rows",),
        description=(
            "what it multiplies: `rows` (this table's rate), a column of this table, `table`, `table.column`, or a list"
        ),
    )

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset(_resolved(scope, written) for written in self.of)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        seen: set[str] = set()
        for i, written in enumerate(self.of):
            target = _resolved(scope, written)
            if target in seen:
                yield scope.problem("duplicate", f"'{written[:60]}' is named twice", "name it once", "of", i)
            seen.add(target)

    def cancels(self, scope: Scope, target: str) -> Iterator[Problem]:
        yield from choice_problems(scope, target, "of")

    def unreadable(self, scope: Scope, column: str, *keys: str | int) -> Iterator[Problem]:
        """The problem of grouping entities by `column`. For the table's own rate, the entity is the parent's row."""
        if "." not in column and scope.table.name in self.targets(scope):
            above = f"name a column of the table above, as in '{scope.table.parent}.{column[:60]}'"
            hint = above if scope.table.parent else "leave it out: rows without a parent arrive along one calendar"
            message = f"'{column[:60]}' is filled only after the rows of '{scope.table.name}' are made"
            yield scope.problem("invalid-order", message, hint, *keys)
            return
        yield from type_problems(scope, column, TYPES, *keys)


def choice_problems(scope: Scope, target: str, *keys: str | int) -> Iterator[Problem]:
    """The problem of a multiplier that all rows of this table share, where rows of `target` choose one of them."""
    message = f"multiplies all rows of '{scope.table.name}' equally, so it cancels where '{target}' chooses one of them"
    hint = (
        f"declare it on '{target}' to change how many rows it has, or make it differ between rows of "
        f"'{scope.table.name}'"
    )
    yield scope.problem("no-effect", message, hint, *keys)


def _resolved(scope: Scope, written: str) -> str:
    """A target as `table` or `table.column`."""
    if written == "rows":
        return scope.table.name
    return f"{scope.table.name}.{written}" if written in scope.table.columns else written


def hours_of(micros: int) -> float:
    """Microseconds as hours."""
    return micros / HOUR
