"""Primary keys: at most one column of type `key`, and columns that exist and are never missing."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.facts import TableFacts
from datagen.checks.house import House
from datagen.checks.place import no_column
from datagen.errors import Problem


def keys(house: House) -> Iterator[Problem]:
    """Every row can be told from every other."""
    for facts in house.tables.values():
        yield from _one_key(facts)
        for index, name in enumerate(facts.primary_key):
            yield from _primary(house, facts, name, index)


def _one_key(facts: TableFacts) -> Iterator[Problem]:
    found = [name for name in facts.declared if facts.columns[name].type == "key"]
    for name in found[1:]:
        said = f"'{facts.name}' has a column of type key already: '{found[0]}'"
        yield Problem("key", ("tables", facts.name, "columns", name), said, "keep one of them")


def _primary(house: House, facts: TableFacts, name: str, index: int) -> Iterator[Problem]:
    at = ("tables", facts.name, "primary_key", index)
    if name not in facts.columns:
        code, said, hint = no_column(facts.name, name, list(facts.declared))
        yield Problem(code, at, said, hint)
    elif name in facts.primary_key[:index]:
        yield Problem("key", at, f"'{name}' is named twice", "name it once")
    elif house.nullable(facts.name, name):
        yield Problem("key", at, f"'{name}' can be missing", "a primary key is never missing: choose another column")
    elif facts.columns[name].hidden:
        yield Problem("key", at, f"'{name}' is hidden", "a primary key is part of the data: show it")
