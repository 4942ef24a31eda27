"""What differs between two documents: the declarations, the tables and columns whose values change, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pyarrow as pa

from datagen.analysis import analyze_or_raise
from datagen.analysis.semantic_model import Node
from datagen.api import plan, preview
from datagen.authoring.repair.change import Change, shown
from datagen.authoring.value_causes import Cause, PlaceChange, ValueCauses
from datagen.errors import json_path
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.read import Schema, read

LOOKED = 500
"""First rows of each table that are compared."""


@dataclass(frozen=True, slots=True)
class TableChanges:
    """One table that differs: rows before and after (None if it does not exist), and its columns by what happens to
    them.

    `why` has the causes for each column with other values, and for each renamed column; `why_rows` has the causes of
    another number of rows.
    """

    table: str
    rows_before: int | None
    rows_after: int | None
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    why: Mapping[str, tuple[Cause, ...]] = field(default_factory=dict)
    why_rows: tuple[Cause, ...] = ()


@dataclass(frozen=True, slots=True)
class Differences:
    """`declarations` are the places that differ, `tables` those of which rows, columns or values do."""

    declarations: tuple[Change, ...]
    tables: tuple[TableChanges, ...]


def differences(one: str | Schema, other: str | Schema) -> Differences:
    """Compare two documents. Values are compared in the first rows of each table.

    Raises SchemaError for a wrong document.
    """
    before, after = read(one), read(other)
    places = tuple(_places(before.raw, after.raw, ()))
    if not places:
        return Differences((), ())
    rows = [{name: made.rows for name, made in plan(schema).tables.items()} for schema in (before, after)]
    cells = [preview(schema, rows=LOOKED) for schema in (before, after)]
    names = dict.fromkeys([*rows[0], *rows[1]])
    found = (
        _table(name, [sizes.get(name) for sizes in rows], [tables.get(name) for tables in cells]) for name in names
    )
    differing = [one for one in found if one is not None]
    declared = tuple(Change(json_path(*one.keys), one.before, one.after, _became(one)) for one in places)
    return Differences(declared, tuple(_explained(before, after, places, differing)))


def _became(place: PlaceChange) -> str:
    return "changed" if place.before and place.after else "removed" if place.before else "added"


def _explained(
    before: Schema, after: Schema, places: tuple[PlaceChange, ...], tables: list[TableChanges]
) -> Iterator[TableChanges]:
    """The tables with the causes of what changes in them."""
    differing: list[Node] = [(one.table, column) for one in tables for column in one.changed]
    differing += [(one.table, None) for one in tables if one.rows_before != one.rows_after]
    causes = ValueCauses((analyze_or_raise(before), analyze_or_raise(after)), places, differing)
    declared = [schema.raw["tables"] for schema in (before, after)]
    for one in tables:
        old, new = (part.get(one.table, {}) for part in declared)
        why = {column: causes.of(one.table, column) for column in one.changed}
        why |= _renamed(one, old.get("columns", {}), new.get("columns", {}))
        rows = causes.of(one.table) if None not in (one.rows_before, one.rows_after) else _moved(one, *declared)
        yield replace(one, why=why, why_rows=rows if one.rows_before != one.rows_after else ())


def _renamed(one: TableChanges, old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, tuple[Cause, ...]]:
    """The new columns whose declaration equals that of a removed one."""
    pairs = ((name, next((gone for gone in one.removed if old.get(gone) == new.get(name)), None)) for name in one.added)
    return {name: (_other_stream(f"{one.table}.{gone}"),) for name, gone in pairs if gone is not None}


def _moved(one: TableChanges, old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Cause, ...]:
    """The removed table whose declaration equals that of a new one."""
    gone = next((name for name in old if name not in new and old[name] == new.get(one.table)), None)
    return (_other_stream(gone),) if gone is not None else ()


def _other_stream(name: str) -> Cause:
    return Cause("stream", name, f"it was called {name}: the name is a part of the name of its random stream")


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


def _places(one: Any, other: Any, keys: Keys) -> Iterator[PlaceChange]:
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
        yield PlaceChange(keys, shown(one), shown(other))


def _keyed(one: dict[str, Any], other: dict[str, Any], keys: Keys) -> Iterator[PlaceChange]:
    key = str(keys[-1])
    if key not in other:
        yield PlaceChange(keys, shown(one[key]), "")
    elif key not in one:
        yield PlaceChange(keys, "", shown(other[key]))
    else:
        yield from _places(one[key], other[key], keys)
