"""Tables of SQL databases for Arrow schemas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import pyarrow as pa

from datagen.kinds.formats.base import FinishedTable, KeyReference


class _SqlType(NamedTuple):
    holds: Callable[[pa.DataType], bool]
    postgres: str
    duckdb: str


_TYPES = (
    _SqlType(pa.types.is_boolean, "boolean", "BOOLEAN"),
    _SqlType(pa.types.is_int8, "smallint", "TINYINT"),
    _SqlType(pa.types.is_int16, "smallint", "SMALLINT"),
    _SqlType(pa.types.is_int32, "integer", "INTEGER"),
    _SqlType(pa.types.is_integer, "bigint", "BIGINT"),
    _SqlType(pa.types.is_duration, "bigint", "BIGINT"),
    _SqlType(pa.types.is_float32, "real", "FLOAT"),
    _SqlType(pa.types.is_floating, "double precision", "DOUBLE"),
    _SqlType(pa.types.is_date, "date", "DATE"),
    _SqlType(lambda t: pa.types.is_timestamp(t) and t.tz is None, "timestamp", "TIMESTAMP"),
    _SqlType(pa.types.is_timestamp, "timestamp with time zone", "TIMESTAMP WITH TIME ZONE"),
    _SqlType(pa.types.is_string, "text", "VARCHAR"),
    _SqlType(pa.types.is_large_string, "text", "VARCHAR"),
)


def quoted(name: str) -> str:
    """A name in quotes."""
    return '"' + name.replace('"', '""') + '"'


def listed(names: Iterable[str]) -> str:
    """Names in quotes, with commas."""
    return ", ".join(map(quoted, names))


def plain(schema: pa.Schema) -> pa.Schema:
    """The schema as databases have it: categories as texts, durations as whole microseconds."""
    return pa.schema([one.with_type(_plain(one.type)) for one in schema])


def _plain(type_: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(type_):
        return type_.value_type
    return pa.int64() if pa.types.is_duration(type_) else type_


def type_name(type_: pa.DataType, dialect: str) -> str:
    """The type of a column in `postgres` or `duckdb`. Raises TypeError for an Arrow type that no kind makes."""
    type_ = _plain(type_)
    if pa.types.is_decimal(type_):
        return f"numeric({type_.precision}, {type_.scale})"
    for one in _TYPES:
        if one.holds(type_):
            return one.postgres if dialect == "postgres" else one.duckdb
    raise TypeError(f"no database type for {type_}")


def columns(schema: pa.Schema, dialect: str) -> list[str]:
    """The columns of a CREATE TABLE."""
    return [f"{quoted(one.name)} {type_name(one.type, dialect)}{'' if one.nullable else ' NOT NULL'}" for one in schema]


def keys(table: FinishedTable) -> list[str]:
    """The primary key and the unique columns as constraints."""
    key = [f"PRIMARY KEY ({listed(table.keys.key)})"] if table.keys.key else []
    return [*key, *(f"UNIQUE ({quoted(name)})" for name in table.keys.unique)]


def foreign_key(reference: KeyReference, named: Mapping[str, str]) -> str:
    """A foreign key as a constraint; `named` has the quoted name of each table."""
    return f"FOREIGN KEY ({listed(reference.columns)}) REFERENCES {named[reference.table]} ({listed(reference.keys)})"


__all__ = ["columns", "foreign_key", "keys", "listed", "plain", "quoted", "type_name"]
