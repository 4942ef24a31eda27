"""What documents that describe tables have in common: they are read, their types have names, and there are no rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from datagen.errors import DataError
from datagen.interop.infer.source_table import SourceKey, SourceTable
from datagen.interop.infer.sources.ddl import type_named

_NO_COLUMN = re.compile(
    r"\s*(array|struct|map|record|json|variant|object|super|bytes|binary|varbinary|blob|time\b)", re.IGNORECASE
)
_WHOLE = re.compile(r"\s*(number|numeric|decimal)\s*\(\s*\d+\s*(,\s*0\s*)?\)", re.IGNORECASE)


def read_document(path: Path) -> Any:
    """The values of a JSON or YAML file. Raises DataError."""
    from ruamel.yaml import YAML  # start-up
    from ruamel.yaml.error import YAMLError

    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text) if path.suffix.lower() == ".json" else YAML(typ="safe", pure=True).load(text)
    except (OSError, ValueError, RecursionError, YAMLError) as error:
        raise DataError(f"cannot read '{path}': {' '.join(str(error).split())[:200]}") from None


def declared_type(name: str) -> pa.DataType | None:
    """The type that a name stands for, of any database; None for types that no column can have."""
    if _NO_COLUMN.match(name):
        return None
    return pa.int64() if _WHOLE.match(name) else type_named(name)


def allowed_values(values: Iterable[Any]) -> tuple[Any, ...]:
    """Values of one type as they are, others as texts."""
    listed = tuple(values)
    return listed if len({type(value) for value in listed}) == 1 else tuple(map(str, listed))


def declare(table: SourceTable, column: str, **what: Any) -> None:
    """Change what is known of a column, if the table has it."""
    if column in table.columns:
        table.columns = {**table.columns, column: replace(table.columns[column], **what)}


def declare_primary_key(table: SourceTable, columns: Iterable[str]) -> None:
    """Give a table a primary key, if it has all its columns and no other key."""
    names = tuple(columns)
    if names and not table.primary_key and all(name in table.columns for name in names):
        table.primary_key = names
        for name in names:
            declare(table, name, nullable=False)


def declare_foreign_key(table: SourceTable, column: str, other: SourceTable | None, key: str, notes: list[str]) -> None:
    """Let a column refer to the key of another table; a note says where one of them is not described."""
    if other is None or column not in table.columns or key not in other.columns:
        notes.append(f"{table.name}.{column}: refers to a column that is not described; it is left out as a key")
    elif column not in {one.column for one in table.foreign_keys}:
        table.foreign_keys.append(SourceKey(column, other.name, key))


def unique_key(table: SourceTable) -> None:
    """The first column that is unique and never missing is the primary key of a table that declares none."""
    declare_primary_key(table, [one.name for one in table.columns.values() if one.unique and not one.nullable][:1])
