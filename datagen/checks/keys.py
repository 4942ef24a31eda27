"""Primary keys: at most one column of type `key`; columns that exist, are never missing and tell rows apart; a column to show."""

from __future__ import annotations

from collections.abc import Iterator

from datagen.checks.facts import MoreColumns, TableFacts
from datagen.checks.house import House
from datagen.checks.identified import identified
from datagen.checks.place import no_column
from datagen.errors import Problem


def keys(house: House) -> Iterator[Problem]:
    """Every row can be told from every other."""
    for facts in house.tables.values():
        yield from _one_key(facts)
        yield from _nothing_shown(facts)
        wrong = [found for k, name in enumerate(facts.primary_key) for found in _primary(house, facts, name, k)]
        yield from wrong
        if facts.primary_key and not wrong:
            yield from _not_unique(house, facts)


def _nothing_shown(facts: TableFacts) -> Iterator[Problem]:
    if not isinstance(facts.columns, MoreColumns) and all(facts.columns[name].hidden for name in facts.declared):
        said = f"every column of '{facts.name}' is hidden, so that the table has nothing to write"
        yield Problem("no-effect", ("tables", facts.name, "columns"), said, "show at least one of them")


def _not_unique(house: House, facts: TableFacts) -> Iterator[Problem]:
    if any(keys[:2] == ("tables", name) for keys in house.schema.unread for name in facts.lineage):
        return  # what does not read may make it unique
    if not identified(house, facts.name, facts.primary_key):
        named = ", ".join(f"'{name}'" for name in facts.primary_key)
        said = f"nothing makes {named} unique: rows of '{facts.name}' can have the same"
        yield Problem("key", ("tables", facts.name, "primary_key"), said, _would_be(facts))


def _would_be(facts: TableFacts) -> str:
    alone = "name a column of type key or uuid, or one that is 'unique'"
    if facts.parent is None:
        return alone
    return f"{alone}, or the key of '{facts.parent}' together with a 'distinct' reference"


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
