"""Names of a source as names that a document can have."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain, count

from datagen.interop.infer.source_table import SourceKey, SourceTable
from datagen.names import column_fault, comparison_key, is_table_name

_LONGEST = 56


def plain(name: str) -> str:
    """A name of ASCII letters, digits and underscores that begins with a letter; accents are left out."""
    bare = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore").decode()
    made = re.sub(r"[^A-Za-z0-9]+", "_", bare).strip("_")[:_LONGEST]
    return made if made[:1].isalpha() else f"t_{made}".rstrip("_")


def plain_names(tables: list[SourceTable], notes: list[str]) -> list[SourceTable]:
    """Tables and columns under names that a document can have; keys follow, `notes` list the names that changed."""
    names = _different([table.name for table in tables], is_table_name)
    notes += [f"{old}: the table is called {new}" for old, new in names.items() if old != new]
    columns: dict[tuple[str, str], str] = {}
    for table in tables:
        found = _different(table.columns, lambda one: not column_fault(one))
        columns |= {(table.name, old): new for old, new in found.items()}
        notes += [f"{names[table.name]}: '{old}' is called {new}" for old, new in found.items() if old != new]
    return [_renamed(table, names, columns) for table in tables]


def _different(names: Iterable[str], sound: Callable[[str], bool]) -> dict[str, str]:
    """A new name for each name, no two alike; sound ones stay."""
    listed = list(names)
    made: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(listed, key=lambda one: not sound(one)):
        first = name if sound(name) else plain(name)
        others = (f"{first}_{number}" for number in count(2))
        made[name] = next(one for one in chain([first], others) if comparison_key(one) not in taken)
        taken.add(comparison_key(made[name]))
    return {name: made[name] for name in listed}


def _renamed(table: SourceTable, names: dict[str, str], columns: dict[tuple[str, str], str]) -> SourceTable:
    own = {columns[table.name, old]: replace(one, name=columns[table.name, old]) for old, one in table.columns.items()}
    keys = [
        SourceKey(columns[table.name, key.column], names[key.table], columns[key.table, key.key], key.declared)
        for key in table.foreign_keys
        if (key.table, key.key) in columns and (table.name, key.column) in columns
    ]
    primary = tuple(columns[table.name, one] for one in table.primary_key if (table.name, one) in columns)
    return replace(table, name=names[table.name], columns=own, primary_key=primary, foreign_keys=keys)
