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
    if pa.types.is_struct(type_):
        return pa.struct([_inner(type_.field(i)) for i in range(type_.num_fields)])
    if pa.types.is_map(type_):
        return pa.map_(_plain(type_.key_type), _inner(type_.item_field))
    if pa.types.is_list(type_):
        return pa.list_(_inner(type_.value_field))
    return pa.int64() if pa.types.is_duration(type_) else type_


def _inner(field: pa.Field) -> pa.Field:
    return field.with_type(_plain(field.type))


def type_name(type_: pa.DataType, dialect: str) -> str:
    """The type of a column in `postgres` or `duckdb`. Raises TypeError for an Arrow type that no kind makes."""
    type_ = _plain(type_)
    if pa.types.is_nested(type_):
        postgres = f"{type_name(type_.value_type, dialect)}[]" if is_array(type_) else "jsonb"
        return postgres if dialect == "postgres" else _nested(type_)
    if pa.types.is_decimal(type_):
        return f"numeric({type_.precision}, {type_.scale})"
    for one in _TYPES:
        if one.holds(type_):
            return one.postgres if dialect == "postgres" else one.duckdb
    raise TypeError(f"no database type for {type_}")


def is_array(type_: pa.DataType) -> bool:
    """Whether the type is a list of scalars."""
    return pa.types.is_list(type_) and not pa.types.is_nested(type_.value_type)


def _nested(type_: pa.DataType) -> str:
    """A type of DuckDB with parts."""
    if pa.types.is_struct(type_):
        parts = [type_.field(i) for i in range(type_.num_fields)]
        return f"STRUCT({', '.join(_named(part) for part in parts)})"
    if pa.types.is_map(type_):
        return f"MAP({type_name(type_.key_type, 'duckdb')}, {type_name(type_.item_type, 'duckdb')})"
    return f"{type_name(type_.value_type, 'duckdb')}[]"


def _named(field: pa.Field) -> str:
    return f"{quoted(field.name)} {type_name(field.type, 'duckdb')}"


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


__all__ = ["columns", "foreign_key", "is_array", "keys", "listed", "plain", "quoted", "type_name"]
