"""Hidden integer keys for tables with a text or composite key, and hidden references to them.

The engine chooses a row by its number. So a reference that copies another column than one of type `key` is split: a
hidden reference holds the number of the row, and the declared column looks up the key through it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datagen.analysis.table_info import OpenColumns, TableInfo
from datagen.kinds.generators.key import Key
from datagen.schema.reading.placeholders import InvalidColumn

if TYPE_CHECKING:
    from datagen.kinds.generators.reference import Reference


def add_surrogate_keys(tables: dict[str, TableInfo]) -> None:
    """Splits every reference that copies a column which is not of type `key`."""
    for facts in tables.values():
        for name in facts.declared:
            if facts.columns[name].chooses in tables:
                _split(facts, name, tables)


def _split(facts: TableInfo, name: str, tables: dict[str, TableInfo]) -> None:
    from datagen.kinds.generators.reference import Reference  # start-up: imports every way to choose a row

    generator = facts.columns[name]
    if isinstance(generator, Reference):
        _divide(facts, name, generator, tables[generator.table])


def _divide(facts: TableInfo, name: str, declared: Reference, target: TableInfo) -> None:
    key = declared.copied_from(target)
    if key is None or key not in target.columns or isinstance(target.columns, OpenColumns):
        return
    if target.columns[key].role == "key" or isinstance(target.columns[key], InvalidColumn):
        return
    if target.key is None:
        _add(target, _free(target, "row number"), Key(hidden=True))
    from datagen.kinds.generators.support.key_copy import KeyCopy

    through = _free(facts, f"{name} row number")
    _add(facts, through, declared.model_copy(update={"key": None, "hidden": True, "modifiers": (), "description": ""}))
    shown = {"hidden": declared.hidden, "modifiers": declared.modifiers, "description": declared.description}
    facts.columns[name] = KeyCopy(type="lookup", through=through, column=key, declared=declared, **shown)


def _add(facts: TableInfo, name: str, generator: Key | Reference) -> None:
    facts.columns[name] = generator
    facts.latent |= {name}


def _free(facts: TableInfo, name: str) -> str:
    """A name that no column has."""
    while name in facts.columns:
        name += " _"
    return name
