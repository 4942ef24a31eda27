"""Arrow IPC files (Feather version 2): the in-memory layout, read without parsing."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from datagen.kinds.formats.base import SPARE, Encodings, Sink

_BATCH = 65_536
"""Rows of a record batch, the unit that readers map and decompress."""


class ArrowIpc(Sink):
    """Arrow IPC files, one per table and partition. Categories are written as their values."""

    extension: ClassVar[str] = "arrow"
    inflation: ClassVar[float] = 1.5
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "as_arrow",
            "seed": 1,
            "window": {"start": "2024-01-01", "end": "2025-01-01"},
            "output": {"type": "arrow", "compression": "zstd"},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = ("feather", "ipc", "arrow_ipc")
    type: Literal["arrow"] = "arrow"
    compression: Literal["lz4", "zstd", "none"] = Field(
        "lz4", description="'none' allows memory-mapping without a copy"
    )

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> ArrowFile:
        return ArrowFile(path, _written(schema), None if self.compression == "none" else self.compression)

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        selected = schema if columns is None else pa.schema([schema.field(name) for name in columns])
        opened = pa.OSFile(str(source)) if isinstance(source, str | Path) else nullcontext(source)
        with opened as file, pa.ipc.open_file(file) as reader:
            return reader.read_all().select(selected.names).cast(selected)


class ArrowFile:
    """An open Arrow IPC file."""

    def __init__(self, path: Path, schema: pa.Schema, compression: str | None) -> None:
        self._schema = schema
        self._writer = pa.ipc.new_file(str(path), schema, options=pa.ipc.IpcWriteOptions(compression=compression))

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table.cast(self._schema), max_chunksize=_BATCH)

    def close(self) -> None:
        self._writer.close()


def _written(schema: pa.Schema) -> pa.Schema:
    """The schema of the file. An IPC file has one dictionary per column, but blocks may have different ones."""
    return pa.schema([f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in schema])
