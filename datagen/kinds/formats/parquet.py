"""Parquet, with the encodings that the plan chose for each column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ClassVar, Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field

from datagen.kinds.formats.base import SPARE, Encodings, Sink

FEWEST_ROWS = 250_000
"""Row groups below this are slower to write and to read (10k rows cost twice as much per row as 250k, 100k a twentieth more)."""
MOST_ROWS = 1_048_576

# Strings stay plain: at a million e-mails DELTA_LENGTH and DELTA_BYTE_ARRAY cost 60 to 80 % more CPU than plain snappy.
_ENCODINGS = {"delta": "DELTA_BINARY_PACKED", "byte_stream_split": "BYTE_STREAM_SPLIT"}


class Parquet(Sink):
    """Apache Parquet files, one per table and partition, row groups of 250k to a million rows where that many fit in memory."""

    extension: ClassVar[str] = "parquet"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "compressed",
            "seed": 1,
            "window": {"start": "2024-01-01", "end": "2025-01-01"},
            "output": {"type": "parquet", "compression": "zstd", "level": 3},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = ("pq",)
    type: Literal["parquet"] = "parquet"
    compression: Literal["snappy", "zstd", "none"] = Field("snappy", description="zstd is smaller and a fifth slower")
    level: Annotated[int, Field(ge=1, le=22)] | None = Field(None, description="compression level of zstd")
    statistics: bool = Field(True, description="write minimum and maximum of each column but categories, by row group")

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> ParquetFile:
        return ParquetFile(pq.ParquetWriter(path, schema, **self._options(schema, encodings)), spare)

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        with pq.ParquetFile(source) as file:
            table = file.read(columns=list(columns) if columns is not None else None)
        wanted = schema if columns is None else pa.schema([schema.field(name) for name in columns])
        return table.select(wanted.names).cast(wanted)

    def _options(self, schema: pa.Schema, encodings: Encodings) -> dict[str, Any]:
        chosen = {name: encodings.get(name, "plain") for name in schema.names}
        # The extremes of a category tell little and cost a third of its writing.
        described = [name for name, encoding in chosen.items() if encoding != "dictionary"]
        return {
            "compression": self.compression,
            "compression_level": (self.level or 1) if self.compression == "zstd" else None,
            "use_dictionary": [name for name, encoding in chosen.items() if encoding == "dictionary"] or False,
            "column_encoding": {n: _ENCODINGS[e] for n, e in chosen.items() if e in _ENCODINGS} or None,
            "write_statistics": self.statistics and (described or False),
            "store_decimal_as_integer": True,
            "write_batch_size": 8192,
        }


class ParquetFile:
    """A file being written; small blocks wait until they make a row group worth having."""

    def __init__(self, writer: pq.ParquetWriter, spare: int) -> None:
        self._writer, self._spare = writer, spare
        self._held: list[pa.Table] = []
        self._rows = self._bytes = 0

    def write(self, table: pa.Table) -> None:
        if table.num_rows:
            self._held.append(table)
            self._rows += table.num_rows
            self._bytes += table.nbytes
            if self._rows >= FEWEST_ROWS or self._bytes >= self._spare:
                self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        if self._held:
            table = pa.concat_tables(self._held)
            self._held, self._rows, self._bytes = [], 0, 0
            groups = -(-table.num_rows // MOST_ROWS)
            self._writer.write_table(table, row_group_size=-(-table.num_rows // groups))
