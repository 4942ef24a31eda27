"""Delta Lake tables: the workers write Parquet files, the driver commits each table once."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from urllib.parse import quote

import pyarrow as pa

from datagen.kinds.formats.parquet import Parquet
from datagen.kinds.formats.support.hive import values_of

if TYPE_CHECKING:
    from datagen.kinds.formats.base import CommitSite, Encodings, FinishedTable

_NAMESPACE = uuid.UUID("5f0b9b0e-9f0c-5d0a-8d5e-6d1d1a3f7c11")
_PRIMITIVES: tuple[tuple[Callable[[pa.DataType], bool], str], ...] = (
    (pa.types.is_int8, "byte"),
    (pa.types.is_int16, "short"),
    (pa.types.is_int32, "integer"),
    (pa.types.is_integer, "long"),
    (pa.types.is_duration, "long"),
    (pa.types.is_float32, "float"),
    (pa.types.is_floating, "double"),
    (pa.types.is_boolean, "boolean"),
    (pa.types.is_date, "date"),
    (pa.types.is_string, "string"),
    (pa.types.is_large_string, "string"),
    (pa.types.is_binary, "binary"),
)


class Delta(Parquet):
    """Delta Lake: Parquet files, and a log that makes them one table. Each run is version 0 of its tables.

    Times without a zone use the table feature `timestampNtz`; durations are whole microseconds. The log holds no times
    of the run, so equal runs have equal logs. Source: the Delta transaction log protocol, reader 3 and writer 7.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "lake",
            "seed": 1,
            "output": {"type": "delta"},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )
    synonyms: ClassVar[tuple[str, ...]] = ("delta_lake", "deltalake", "delta lake")
    empty_is_missing: ClassVar[bool] = True
    log_folders: ClassVar[tuple[str, ...]] = ("_delta_log",)
    type: Literal["delta"] = "delta"  # type: ignore[assignment]

    def _options(self, schema: pa.Schema, encodings: Encodings) -> dict[str, Any]:
        # Delta has neither durations nor dictionaries. Readers that take the types of Arrow's own schema would find
        # other types than those of the log.
        return {**super()._options(schema, encodings), "store_schema": False}

    def commit(self, site: CommitSite, tables: Sequence[FinishedTable]) -> None:
        for table in tables:
            lines = (json.dumps(action, separators=(",", ":")) + "\n" for action in _actions(site, table))
            site.put_text(f"{table.folder}/_delta_log/{0:020d}.json", lines)


def _actions(site: CommitSite, table: FinishedTable) -> Iterator[dict[str, Any]]:
    """The actions of version 0: protocol, metadata, and one `add` for each file."""
    zoneless = any(_zoneless(field.type) for field in table.schema)
    features = ["timestampNtz"] if zoneless else []
    yield {
        "protocol": {
            "minReaderVersion": 3,
            "minWriterVersion": 7,
            "readerFeatures": features,
            "writerFeatures": features,
        }
        if zoneless
        else {"minReaderVersion": 1, "minWriterVersion": 2}
    }
    text = json.dumps(_struct(table.schema), separators=(",", ":"))
    yield {
        "metaData": {
            "id": str(uuid.uuid5(_NAMESPACE, f"{table.folder} {text}")),
            "format": {"provider": "parquet", "options": {}},
            "schemaString": text,
            "partitionColumns": [*(values_of(table.files[0][0]) if table.files else ())],
            "configuration": {},
        }
    }
    for key, rows in table.files:
        entry = site.store.entry(key)
        yield {
            "add": {
                "path": quote(key.removeprefix(f"{table.folder}/")),
                "partitionValues": values_of(key),
                "size": 0 if entry is None else entry.size,
                "modificationTime": 0,
                "dataChange": True,
                "stats": json.dumps({"numRecords": rows}),
            }
        }


def _zoneless(type_: pa.DataType) -> bool:
    if pa.types.is_struct(type_) or pa.types.is_list(type_) or pa.types.is_map(type_):
        return any(_zoneless(type_.field(i).type) for i in range(type_.num_fields))
    return pa.types.is_timestamp(type_) and type_.tz is None


def _struct(fields: Any) -> dict[str, Any]:
    return {
        "type": "struct",
        "fields": [
            {"name": field.name, "type": _delta_type(field.type), "nullable": field.nullable, "metadata": {}}
            for field in fields
        ],
    }


def _delta_type(type_: pa.DataType) -> Any:
    """How the log names a type. Raises OSError for one that Delta has not."""
    if pa.types.is_dictionary(type_):
        return _delta_type(type_.value_type)
    if pa.types.is_decimal(type_):
        return f"decimal({type_.precision},{type_.scale})"
    if pa.types.is_timestamp(type_):
        return "timestamp_ntz" if type_.tz is None else "timestamp"
    if pa.types.is_nested(type_):
        return _nested_type(type_)
    for holds, name in _PRIMITIVES:
        if holds(type_):
            return name
    raise OSError(f"Delta Lake has no type for {type_}")


def _nested_type(type_: pa.DataType) -> dict[str, Any]:
    if pa.types.is_struct(type_):
        return _struct([type_.field(i) for i in range(type_.num_fields)])
    if pa.types.is_map(type_):
        types = {"keyType": _delta_type(type_.key_type), "valueType": _delta_type(type_.item_type)}
        return {"type": "map", **types, "valueContainsNull": type_.item_field.nullable}
    return {"type": "array", "elementType": _delta_type(type_.value_type), "containsNull": type_.value_field.nullable}
