"""Finds keys: columns whose values identify rows, and columns whose values are all among those of a key (inclusion)."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from datagen.interop.infer.source_table import SourceColumn, SourceKey, SourceTable

_ENDINGS = ("_id", "id", "_key", "_no", "_code", "_uuid")
FEWEST = 2
"""Distinct values that a column needs for its inclusion in a key to mean something."""


def find_keys(tables: list[SourceTable]) -> None:
    """Give every table with rows the primary key and the foreign keys that it does not declare."""
    for table in tables:
        if not table.primary_key and table.read:
            table.primary_key = _primary_key(table)
    for table in tables:
        declared = {key.column for key in table.foreign_keys}
        for column in table.columns.values():
            if column.cells is not None and column.name not in declared and _keylike(column):
                found = _included(table, column, tables)
                table.foreign_keys += [found] if found is not None else []


def identifies(column: SourceColumn) -> bool:
    """Whether every cell is there and comes once."""
    cells = column.cells
    return (
        cells is not None
        and len(cells) > 0
        and cells.null_count == 0
        and pc.count_distinct(cells).as_py() == len(cells)
    )


def _primary_key(table: SourceTable) -> tuple[str, ...]:
    """The first column that identifies rows and is called like a key, else one that leads the table."""
    unique = [column for column in table.columns.values() if _keylike(column) and identifies(column)]
    named = [column for column in unique if column.name.lower().endswith(_ENDINGS)]
    leading = [column for column in unique if column.name == next(iter(table.columns))]
    return tuple(column.name for column in (named or leading)[:1])


def _keylike(column: SourceColumn) -> bool:
    return bool(pa.types.is_integer(column.type) or pa.types.is_string(column.type))


def _included(table: SourceTable, column: SourceColumn, tables: list[SourceTable]) -> SourceKey | None:
    """The key that holds all values of a column, if the names agree: `customer_id` in `customers`, `user_id` in
    `users`.
    """
    if table.primary_key == (column.name,):
        return None
    values = pc.unique(column.present)
    candidates = [
        other
        for other in tables
        if len(other.primary_key) == 1
        and (other is not table or column.name != other.primary_key[0])
        and other.read == other.rows
        and _alike(column.name, other)
        and other.columns[other.primary_key[0]].type == column.type
    ]
    for other in sorted(candidates, key=lambda one: -_likeness(column.name, one)):
        key = other.columns[other.primary_key[0]]
        if len(values) >= min(FEWEST, other.read) and pc.all(pc.is_in(values, value_set=key.cells)).as_py():
            return SourceKey(column.name, other.name, key.name, declared=False)
    return _to_itself(table, column)


def _to_itself(table: SourceTable, column: SourceColumn) -> SourceKey | None:
    """A column of numbers called like a key whose cells are keys of earlier rows of its own table: a manager, a
    predecessor.
    """
    if len(table.primary_key) != 1 or not column.name.lower().endswith("_id") or not pa.types.is_integer(column.type):
        return None
    key = table.columns[table.primary_key[0]]
    values = pc.unique(column.present)
    if not pa.types.is_integer(key.type) or len(values) < FEWEST or column.cells is None or key.cells is None:
        return None
    earlier = pc.all(pc.less(column.cells, key.cells)).as_py()
    included = pc.all(pc.is_in(values, value_set=key.cells)).as_py()
    return SourceKey(column.name, table.name, key.name, declared=False) if earlier and included else None


def _alike(name: str, other: SourceTable) -> bool:
    return _likeness(name, other) > 0


def _likeness(name: str, other: SourceTable) -> int:
    """How well the name of a column names the key of a table."""
    column, key, table = name.lower(), other.primary_key[0].lower(), singular(other.name.lower())
    stem = next((column.removesuffix(end) for end in _ENDINGS if column.endswith(end)), column).rstrip("_")
    if column == key and key not in ("id", "key", "code"):
        return 3
    if stem == table:
        return 2
    return 1 if stem and (table.endswith(stem) or stem.endswith(table)) else 0


def singular(name: str) -> str:
    """A plural English noun in the singular, by its ending."""
    if name.endswith("ies"):
        return name[:-3] + "y"
    if name.endswith(("sses", "xes", "ches", "shes")):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name
