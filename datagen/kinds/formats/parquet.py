"""Parquet, with the encodings that the plan chose per column."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ClassVar, Literal, Self

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from datagen.kinds.formats.base import SPARE, Encodings, Sink

FEWEST_ROWS = 250_000
"""The smallest row group; smaller ones are slower to write and to read (10k rows cost twice as much per row as 250k,
100k a twentieth more).
"""
MOST_ROWS = 1_048_576

# Strings stay plain: at a million e-mails DELTA_LENGTH and DELTA_BYTE_ARRAY cost 60 to 80 % more CPU than plain snappy.
_ENCODINGS = {"delta": "DELTA_BINARY_PACKED", "byte_stream_split": "BYTE_STREAM_SPLIT"}


Codec = Literal["snappy", "zstd", "none"]


def _listed(value: Any) -> Any:
    """A single name is short for a list of one."""
    return [value] if isinstance(value, str) else value


class Parquet(Sink):
    """Apache Parquet files, one per table and partition, row groups of 250k to a million rows where that many fit in
    memory.
    """

    extension: ClassVar[str] = "parquet"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "compressed",
            "seed": 1,
            "window": {"start": "2024-01-01", "end": "2025-01-01"},
            "output": {"type": "parquet", "compression": "zstd", "level": 3, "codecs": {"point_id": "none"}},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = ("pq",)
    type: Literal["parquet"] = "parquet"
    compression: Codec = Field("snappy", description="zstd is smaller and a fifth slower")
    codecs: dict[str, Codec] = Field({}, description="the compression of single columns, by name")
    level: Annotated[int, Field(ge=1, le=22)] | None = Field(None, description="compression level of zstd")
    statistics: bool = Field(True, description="write minimum and maximum of each column but categories, by row group")
    row_group_rows: Annotated[int, Field(ge=1_000, le=100_000_000)] | None = Field(
        None, description="rows of a row group, fewer where they do not fit in memory; left out: 250k to a million"
    )

    partition_by: Annotated[list[str], BeforeValidator(_listed, json_schema_input_type=list[str] | str)] = Field(
        [],
        max_length=4,
        description="columns whose values become folders, `day=2024-01-31/`, in each table that has them",
    )

    @field_validator("partition_by")
    @classmethod
    def _named_once(cls, names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            twice = next(name for name in names if names.count(name) > 1)
            message = f"'{twice[:60]}' is named twice"
            raise PydanticCustomError("duplicate", "{message}", {"message": message, "hint": "name it once"})
        return names

    @model_validator(mode="after")
    def _level_of_zstd(self) -> Self:
        if self.level is not None and "zstd" not in (self.compression, *self.codecs.values()):
            message = "'level' is that of zstd, and nothing is compressed with it"
            hint = "add compression: zstd, or leave level out"
            raise PydanticCustomError("conflict", "{message}", {"message": message, "hint": hint, "key": "level"})
        return self

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> ParquetFile:
        return ParquetFile(
            pq.ParquetWriter(path, schema, **self._options(schema, encodings)), spare, self.row_group_rows
        )

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        with pq.ParquetFile(source) as file:
            table = file.read(columns=list(columns) if columns is not None else None)
        selected = schema if columns is None else pa.schema([schema.field(name) for name in columns])
        return table.select(selected.names).cast(selected)

    def unknown_columns(self, columns: frozenset[str]) -> Iterator[tuple[tuple[str | int, ...], str]]:
        yield from ((("codecs", name), name) for name in self.codecs if name not in columns)
        yield from ((("partition_by", i), name) for i, name in enumerate(self.partition_by) if name not in columns)

    @property
    def splits(self) -> bool:
        return bool(self.partition_by)

    def split_by(self, columns: Sequence[str]) -> tuple[str, ...]:
        return tuple(name for name in self.partition_by if name in columns)

    def _options(self, schema: pa.Schema, encodings: Encodings) -> dict[str, Any]:
        chosen = {name: encodings.get(name, "plain") for name in schema.names}
        codecs = {leaf: self.codecs.get(f.name, self.compression) for f in schema for leaf in leaves(f.type, f.name)}
        levels = {name: self.level or 1 for name, codec in codecs.items() if codec == "zstd"} or None
        # Statistics of a category are of little use and take a third of its writing time.
        described = [leaf for f in schema if chosen[f.name] != "dictionary" for leaf in leaves(f.type, f.name)]
        return {
            "compression": codecs,
            "compression_level": levels,
            "use_dictionary": [name for name, encoding in chosen.items() if encoding == "dictionary"] or False,
            "column_encoding": {n: _ENCODINGS[e] for n, e in chosen.items() if e in _ENCODINGS} or None,
            "write_statistics": self.statistics and (described or False),
            "store_decimal_as_integer": True,
            "write_batch_size": 8192,
        }


def leaves(type_: pa.DataType, path: str) -> list[str]:
    """The paths of the columns in a file that hold a column: one, or those of the parts of nested cells."""
    if pa.types.is_struct(type_):
        fields = [type_.field(i) for i in range(type_.num_fields)]
        return [leaf for field in fields for leaf in leaves(field.type, f"{path}.{field.name}")]
    if pa.types.is_map(type_):
        return [f"{path}.key_value.key", *leaves(type_.item_type, f"{path}.key_value.value")]
    if pa.types.is_list(type_):
        return leaves(type_.value_type, f"{path}.list.element")
    return [path]


class ParquetFile:
    """An open Parquet file. Small blocks are buffered until they make a row group."""

    def __init__(self, writer: pq.ParquetWriter, spare: int, group: int | None = None) -> None:
        self._writer, self._spare, self._group = writer, spare, group
        self._held: list[pa.Table] = []
        self._rows = self._bytes = 0

    def write(self, table: pa.Table) -> None:
        if table.num_rows:
            self._held.append(table)
            self._rows += table.num_rows
            self._bytes += table.nbytes
            if self._rows >= (self._group or FEWEST_ROWS) or self._bytes >= self._spare:
                self._flush(self._rows if self._group is None or self._bytes >= self._spare else self._whole())

    def close(self) -> None:
        if self._held:
            self._flush(self._rows)
        self._writer.close()

    def _whole(self) -> int:
        """The rows that make whole row groups."""
        return self._rows - self._rows % (self._group or 1)

    def _flush(self, rows: int) -> None:
        """Write the first `rows` that are held."""
        table = pa.concat_tables(self._held)
        rest = table.slice(rows)
        self._held, self._rows, self._bytes = [rest] if rest.num_rows else [], rest.num_rows, rest.nbytes
        groups = -(-rows // MOST_ROWS)
        self._writer.write_table(table.slice(0, rows), row_group_size=self._group or -(-rows // groups))
