"""Modifiers that do not fit the column they change."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.house import House
from datagen.checks.place import Place
from datagen.errors import Problem
from datagen.generators.base import Generator


def modified(house: House) -> Iterator[Problem]:
    """A modifier changes a column of a type that it can change, and reads columns that are there."""
    for place, generator in house.columns():
        type_ = house.type_of(place.table.name, place.column or "")
        for index, modifier in enumerate(generator.modifiers):
            here = place.at("modifiers", index)
            yield from _reads(here, modifier.reads())
            if type_ is not None:
                yield from modifier.problems(here, type_)
        yield from _key(place, generator)


def _reads(place: Place, columns: frozenset[str]) -> Iterator[Problem]:
    for column in sorted(columns):
        problem = None if column == place.column else place.column_problem(column)
        if problem:
            yield problem


def _key(place: Place, generator: Generator) -> Iterator[Problem]:
    if generator.type in ("key", "parent_key") and generator.modifiers:
        yield place.problem("key", "a key must stay as it is", "leave out its modifiers", "modifiers")
