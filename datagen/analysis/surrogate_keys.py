"""Hidden integer keys for tables with a text or composite key, and hidden references to them.

The engine chooses a row by its number. So a reference, or the parent in a hierarchy, that copies another column than
one of type `key` is split: a hidden column holds the number of the row, and the declared one looks up the key through
it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datagen.analysis.table_info import OpenColumns, TableInfo
from datagen.kinds.generators.hierarchy import Hierarchy
from datagen.kinds.generators.key import Key
from datagen.kinds.generators.support.column_lookup import shown_key
from datagen.schema.reading.placeholders import InvalidColumn

if TYPE_CHECKING:
    from datagen.kinds.generators.reference import Reference


def add_surrogate_keys(tables: dict[str, TableInfo]) -> None:
    """Splits every reference, and every hierarchy, that copies a column which is not of type `key`."""
    for facts in tables.values():
        for name in facts.declared:
            generator = facts.columns[name]
            if generator.chooses in tables:
                _split(facts, name, tables)
            elif isinstance(generator, Hierarchy) and generator.part == "parent":
                _divide(facts, name, generator, facts, shown_key(facts))


def _split(facts: TableInfo, name: str, tables: dict[str, TableInfo]) -> None:
    from datagen.kinds.generators.reference import Reference  # start-up: imports every way to choose a row

    generator = facts.columns[name]
    if isinstance(generator, Reference):
        target = tables[generator.table]
        _divide(facts, name, generator, target, generator.copied_from(target))


def _divide(facts: TableInfo, name: str, declared: Reference | Hierarchy, target: TableInfo, key: str | None) -> None:
    if key is None or key not in target.columns or isinstance(target.columns, OpenColumns):
        return
    if target.columns[key].role == "key" or isinstance(target.columns[key], InvalidColumn):
        return
    if target.key is None:
        _add(target, _free(target, "row number"), Key(hidden=True))
    from datagen.kinds.generators.support.key_copy import KeyCopy

    through = _free(facts, f"{name} row number")
    plain: dict[str, object] = {"hidden": True, "modifiers": (), "description": ""}
    if hasattr(declared, "key"):
        plain["key"] = None
    _add(facts, through, declared.model_copy(update=plain))
    shown = {"hidden": declared.hidden, "modifiers": declared.modifiers, "description": declared.description}
    facts.columns[name] = KeyCopy(type="lookup", through=through, column=key, declared=declared, **shown)


def _add(facts: TableInfo, name: str, generator: Key | Reference | Hierarchy) -> None:
    facts.columns[name] = generator
    facts.latent |= {name}


def _free(facts: TableInfo, name: str) -> str:
    """A name that no column has."""
    while name in facts.columns:
        name += " _"
    return name
