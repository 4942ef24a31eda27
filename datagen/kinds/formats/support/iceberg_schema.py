"""Schemas of Iceberg: every column, and every part of a nested one, has a number, which the Parquet files hold too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa

_ID = b"PARQUET:field_id"
_PARTS = 10_000
"""The parts of the column numbered n have numbers from n times this on."""
_TYPES: tuple[tuple[Callable[[pa.DataType], bool], str, Any], ...] = (
    (pa.types.is_boolean, "boolean", "boolean"),
    (lambda t: pa.types.is_integer(t) and t.bit_width < 64, "int", "int"),
    (pa.types.is_integer, "long", "long"),
    (pa.types.is_duration, "long", "long"),
    (pa.types.is_float32, "float", "float"),
    (pa.types.is_floating, "double", "double"),
    (pa.types.is_date, "date", {"type": "int", "logicalType": "date"}),
    (lambda t: pa.types.is_timestamp(t) and t.tz is None, "timestamp", "long"),
    (pa.types.is_timestamp, "timestamptz", "long"),
    (pa.types.is_string, "string", "string"),
    (pa.types.is_large_string, "string", "string"),
)
"""Of an Arrow type: its name in Iceberg, and the Avro type of its values in a manifest."""


def numbered(schema: pa.Schema, numbers: Mapping[str, int]) -> pa.Schema:
    """The schema with the number of each column and of each part, for the Parquet writer."""
    return pa.schema([_numbered(one, numbers[one.name], iter(_parts(numbers[one.name]))) for one in schema])


def _parts(number: int) -> range:
    return range(number * _PARTS, (number + 1) * _PARTS)


def _numbered(field: pa.Field, number: int, free: Iterator[int]) -> pa.Field:
    return field.with_type(_numbered_type(field.type, free)).with_metadata({_ID: str(number)})


def _numbered_type(type_: pa.DataType, free: Iterator[int]) -> pa.DataType:
    if pa.types.is_struct(type_):
        return pa.struct([_numbered(type_.field(i), next(free), free) for i in range(type_.num_fields)])
    if pa.types.is_map(type_):
        return pa.map_(_numbered(type_.key_field, next(free), free), _numbered(type_.item_field, next(free), free))
    if pa.types.is_list(type_):
        return pa.list_(_numbered(type_.value_field, next(free), free))
    return type_


def fields(schema: pa.Schema) -> list[dict[str, Any]]:
    """The columns of a numbered schema. Raises OSError for a type that Iceberg has not."""
    return [_field(one) for one in schema]


def number_of(field: pa.Field) -> int:
    """The number of a column of a numbered schema."""
    return int(field.metadata[_ID])


def _field(field: pa.Field) -> dict[str, Any]:
    return {
        "id": number_of(field),
        "name": field.name,
        "required": not field.nullable,
        "type": _type(field.type),
    }


def _type(type_: pa.DataType) -> Any:
    if pa.types.is_struct(type_):
        return {"type": "struct", "fields": [_field(type_.field(i)) for i in range(type_.num_fields)]}
    if pa.types.is_map(type_):
        return {"type": "map", **_part("key", type_.key_field, required=False), **_part("value", type_.item_field)}
    if pa.types.is_list(type_):
        return {"type": "list", **_part("element", type_.value_field)}
    return simple(type_)[0]


def _part(name: str, field: pa.Field, *, required: bool = True) -> dict[str, Any]:
    made = {f"{name}-id": number_of(field), name: _type(field.type)}
    return {**made, f"{name}-required": not field.nullable} if required else made


def last_number(schema: list[dict[str, Any]] | Any) -> int:
    """The highest number in a schema."""
    if isinstance(schema, list):
        return max(map(last_number, schema), default=0)
    if not isinstance(schema, dict):
        return 0
    own = (value for key, value in schema.items() if key == "id" or key.endswith("-id"))
    return max([*own, *map(last_number, (v for v in schema.values() if isinstance(v, dict | list)))], default=0)


def simple(type_: pa.DataType) -> tuple[str, Any]:
    """The names of a type that is not nested in Iceberg and in Avro. Raises OSError for one that Iceberg has not."""
    if pa.types.is_dictionary(type_):
        return simple(type_.value_type)
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision}, {type_.scale})", "bytes"
    for holds, name, encoded in _TYPES:
        if holds(type_):
            return name, encoded
    raise OSError(f"Iceberg has no type for {type_}")
