"""Modifiers fit the column that they change."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.analysis.semantic_model import SemanticModel
from datagen.analysis.static_scope import StaticScope
from datagen.errors import Problem


def modifiers(model: SemanticModel) -> Iterator[Problem]:
    """A modifier supports the type of its column, and the columns it reads exist."""
    for place, generator in model.columns():
        type_ = model.type_of(place.table.name, place.column or "")
        for index, modifier in enumerate(generator.modifiers):
            here = place.at("modifiers", index)
            yield from _reads(here, modifier.reads())
            if type_ is not None:
                yield from modifier.problems(here, type_)
            if not generator.multiplied and not modifier.keeps and generator.role != "key":
                message = f"a column of type {generator.type} must not change, but {modifier.type} changes its values"
                yield here.problem("type", message, "leave the modifier out")


def _reads(place: StaticScope, columns: frozenset[str]) -> Iterator[Problem]:
    for column in sorted(columns):
        problem = None if column == place.column else place.column_problem(column)
        if problem:
            yield problem
