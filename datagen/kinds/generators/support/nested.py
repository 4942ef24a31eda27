"""Nested generators: dependencies, nulls and problems of the inner ones."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.kinds.generators.support.column_lookup import need

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.kinds.generators.base import Generator
    from datagen.scope import ColumnRef, Scope


def part_needs(part: Generator, scope: Scope) -> frozenset[ColumnRef]:
    """The columns that a nested generator and its modifiers read."""
    read = (need(scope, column) for modifier in part.modifiers for column in modifier.reads())
    return part.needs(scope) | frozenset(read)


def part_nullable(part: Generator, scope: Scope) -> bool:
    """Whether a nested generator can give missing cells, with its modifiers."""
    nullable = part.nullable(scope)
    for modifier in part.modifiers:
        nullable = modifier.nullable(nullable)
    return nullable


def part_problems(part: Generator, scope: Scope) -> Iterator[Problem]:
    """Problems of a nested generator and its modifiers."""
    yield from part.problems(scope)
    for key, given in (("hidden", part.hidden), ("precision", part.precision), ("zone", part.zone)):
        if given:
            message = f"a part of a column has no '{key}' of its own"
            yield scope.problem("no-effect", message, "write it at the column", key)
    type_ = part.result(scope)
    if type_ is None:
        return
    for i, modifier in enumerate(part.modifiers):
        yield from modifier.problems(scope.at("modifiers", i), type_)
