"""What differs between two documents: the declarations, and the tables and columns whose values change for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from datagen.api import plan, preview
from datagen.authoring.repair.change import Change, shown
from datagen.errors import json_path
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.read import Schema, read

LOOKED = 500
"""First rows of each table that are compared."""


@dataclass(frozen=True, slots=True)
class TableChanges:
    """One table that differs: rows before and after (None where it is not there), and columns by what becomes of
    them.
    """

    table: str
    rows_before: int | None
    rows_after: int | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """`declarations` are the places that differ, `tables` those of which rows, columns or values do."""

    declarations: tuple[Change, ...]
    tables: tuple[TableChanges, ...]


def differences(one: str | Schema, other: str | Schema) -> Differences:
    """Compare two documents. Values are compared in the first rows of each table. Raises SchemaError for a wrong
    one.
    """
    before, after = read(one), read(other)
    declared = tuple(_places(before.raw, after.raw, ()))
    if not declared:
        return Differences((), ())
    rows = [{name: made.rows for name, made in plan(schema).tables.items()} for schema in (before, after)]
    cells = [preview(schema, rows=LOOKED) for schema in (before, after)]
    names = dict.fromkeys([*rows[0], *rows[1]])
    found = (
        _table(name, [sizes.get(name) for sizes in rows], [tables.get(name) for tables in cells]) for name in names
    )
    return Differences(declared, tuple(one for one in found if one is not None))


def _table(name: str, rows: list[int | None], cells: list[pa.Table | None]) -> TableChanges | None:
    one, other = cells
    if one is None or other is None:
        return TableChanges(name, rows[0], rows[1]) if rows[0] != rows[1] else None
    added = tuple(column for column in other.column_names if column not in one.column_names)
    removed = tuple(column for column in one.column_names if column not in other.column_names)
    length = min(one.num_rows, other.num_rows)
    changed = tuple(
        column
        for column in one.column_names
        if column in other.column_names
        and one.column(column).slice(0, length).to_pylist() != other.column(column).slice(0, length).to_pylist()
    )
    same = rows[0] == rows[1] and not (added or removed or changed)
    return None if same else TableChanges(name, rows[0], rows[1], added, removed, changed)


def _places(one: Any, other: Any, keys: Keys) -> Iterator[Change]:
    """The smallest places at which two documents differ, in the order of the first."""
    if one == other:
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys([*one, *other]):
            yield from _keyed(one, other, (*keys, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (before, after) in enumerate(zip(one, other, strict=True)):
            yield from _places(before, after, (*keys, index))
    else:
        yield Change(json_path(*keys), shown(one), shown(other), "changed")


def _keyed(one: dict[str, Any], other: dict[str, Any], keys: Keys) -> Iterator[Change]:
    key = str(keys[-1])
    if key not in other:
        yield Change(json_path(*keys), shown(one[key]), "", "removed")
    elif key not in one:
        yield Change(json_path(*keys), "", shown(other[key]), "added")
    else:
        yield from _places(one[key], other[key], keys)
