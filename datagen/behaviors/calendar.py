"""What behaviors by time share: what they multiply, the hours they are tabulated on, who follows which calendar."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
from pydantic import BeforeValidator, Field, WithJsonSchema

from datagen.behaviors.base import Behavior
from datagen.block import Floats, Ints, Values
from datagen.generators.questions import domain_of, misread
from datagen.intensity.effects import Grid
from datagen.kinds import nearest
from datagen.quantities import HOUR

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

GROUP_TYPES = ("category", "bool", "int")
"""The types of columns that can tell groups apart."""


def _listed(data: Any) -> Any:
    return (data,) if isinstance(data, str) else data


Targets = Annotated[
    tuple[Annotated[str, Field(max_length=130)], ...],
    Field(min_length=1, max_length=100),
    BeforeValidator(_listed),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]


class Calendared(Behavior):
    """A behavior by time: it multiplies the rows or columns of its own table, or of tables below or referring to it."""

    of: Targets = Field(
        default=("rows",),
        description="what it multiplies: `rows` (this table's rate), a column of this table, `table`, `table.column`, or a list",
    )

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset(_resolved(scope, said) for said in self.of)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        seen: set[str] = set()
        for i, said in enumerate(self.of):
            target = _resolved(scope, said)
            if target in seen:
                yield scope.problem("twice", f"'{said[:60]}' is named twice", "name it once", "of", i)
            seen.add(target)

    def unreadable(self, scope: Scope, column: str, *keys: str | int) -> Iterator[Problem]:
        """What is wrong with telling entities apart by `column`; for the own rate the entity is the parent's row."""
        if "." not in column and scope.table.name in self.targets(scope):
            above = f"name a column of the table above, as in '{scope.table.parent}.{column[:60]}'"
            hint = above if scope.table.parent else "leave it out: rows without a parent arrive along one calendar"
            said = f"'{column[:60]}' is filled only after the rows of '{scope.table.name}' are made"
            yield scope.problem("order", said, hint, *keys)
            return
        yield from misread(scope, column, GROUP_TYPES, *keys)


def _resolved(scope: Scope, said: str) -> str:
    """A target as `table` or `table.column`."""
    if said == "rows":
        return scope.table.name
    return f"{scope.table.name}.{said}" if said in scope.table.columns else said


def middles(grid: Grid) -> Floats:
    """The middle of each hour of the grid, hours since 1970, shape (hours,)."""
    return np.arange(grid.start, grid.start + grid.hours) + 0.5  # type: ignore[no-any-return]


def hours_of(micros: int) -> float:
    """Microseconds as hours."""
    return micros / HOUR


def never_held(scope: Scope, column: str, values: Iterable[str], *keys: str | int) -> Iterator[Problem]:
    """A problem for each of the values, which stand below `keys`, that `column` can never hold."""
    known = domain_of(scope, column)
    for value in values if known is not None else ():
        if value not in known:
            said = f"'{column[:60]}' is never '{value[:60]}', so it has no effect"
            yield scope.problem("no-effect", said, nearest(value, list(known)), *keys)


def numbered(values: Values, numbers: Mapping[str, int]) -> Ints:
    """The number of each cell by what it holds, int64, shape (n,); 0 for missing cells and for all else."""
    if values.words is not None:
        found = _looked_up(values.words.to_pylist(), values.data, numbers)
    elif values.type.name == "bool":
        found = _looked_up(("false", "true"), values.data.astype(np.int64), numbers)
    else:
        found = np.zeros(len(values), np.int64)
        for said, number in numbers.items():
            found[values.data == int(said)] = number
    return found if values.valid is None else found * values.valid


def _looked_up(words: Sequence[str], codes: Ints, numbers: Mapping[str, int]) -> Ints:
    if not words:
        return np.zeros(len(codes), np.int64)
    return np.array([numbers.get(word, 0) for word in words], np.int64).take(codes, mode="clip")
