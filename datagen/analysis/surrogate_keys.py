"""Hidden integer keys for tables with a text or composite key, and hidden references to them.

The engine chooses a row by its number. So a reference that copies another column than one of type `key` is split: a
hidden reference holds the number of the row, and the declared column looks up the key through it.
"""

from __future__ import annotations

from datagen.analysis.table_info import OpenColumns, TableInfo
from datagen.kinds.generators.key import Key
from datagen.kinds.generators.reference import Reference
from datagen.kinds.generators.support.key_copy import KeyCopy
from datagen.schema.reading.placeholders import UnreadColumn


def add_surrogate_keys(tables: dict[str, TableInfo]) -> None:
    """Splits every reference that copies a column which is not of type `key`."""
    for facts in tables.values():
        for name in facts.declared:
            generator = facts.columns[name]
            target = tables.get(generator.table) if isinstance(generator, Reference) else None
            if isinstance(generator, Reference) and target is not None:
                _divide(facts, name, generator, target)


def _divide(facts: TableInfo, name: str, declared: Reference, target: TableInfo) -> None:
    key = declared.copied_from(target)
    if key is None or key not in target.columns or isinstance(target.columns, OpenColumns):
        return
    if target.columns[key].role == "key" or isinstance(target.columns[key], UnreadColumn):
        return
    if target.key is None:
        _add(target, _free(target, "row number"), Key(hidden=True))
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
