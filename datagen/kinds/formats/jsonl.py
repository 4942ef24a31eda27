"""JSON Lines: one object per row with every column, times as ISO 8601 text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

import pyarrow as pa
import pyarrow.json as arrow_json

from datagen.columnar import arrow_compute as pc
from datagen.columnar.nested import from_python, json_cells
from datagen.columnar.text import buffers
from datagen.kinds.formats.base import SPARE, Encodings, Sink
from datagen.kinds.formats.support.slices import slices


class JsonLines(Sink):
    """JSON Lines in UTF-8, one file per table and partition. A missing cell is `null`, a duration is
    in microseconds.
    """

    extension: ClassVar[str] = "jsonl"
    inflation: ClassVar[float] = 5.0
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "as_json_lines",
            "seed": 1,
            "window": {"start": "2024-01-01", "end": "2025-01-01"},
            "output": {"type": "jsonl"},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "json",
        "ndjson",
        "json_lines",
        "jsonlines",
    )
    type: Literal["jsonl"] = "jsonl"

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> JsonLinesFile:
        return JsonLinesFile(path.open("wb"))

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        selected = schema if columns is None else pa.schema([schema.field(name) for name in columns])
        if _is_empty(source):
            return selected.empty_table()
        if any(pa.types.is_nested(field.type) for field in selected):
            return _read_nested(source, selected)
        readable = pa.schema([pa.field(field.name, _readable(field.type)) for field in schema])
        parse = arrow_json.ParseOptions(explicit_schema=readable)
        return arrow_json.read_json(source, parse_options=parse).select(selected.names).cast(selected)


def _read_nested(source: str | Path | BinaryIO, schema: pa.Schema) -> pa.Table:
    """The columns of a file with nested cells, which Arrow's reader knows only in part."""
    lines = Path(source).read_bytes().splitlines() if isinstance(source, str | Path) else source.read().splitlines()
    rows = [json.loads(line, parse_float=Decimal) for line in lines]
    columns = []
    for field in schema:
        plain = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        columns.append(from_python([row[field.name] for row in rows], plain).cast(field.type))
    return pa.table(columns, schema=schema)


def _is_empty(source: str | Path | BinaryIO) -> bool:
    if isinstance(source, str | Path):
        return Path(source).stat().st_size == 0
    size = source.seek(0, 2)
    source.seek(0)
    return size == 0


class JsonLinesFile:
    """An open JSON Lines file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, table: pa.Table) -> None:
        for batch in slices(table):
            self._file.write(lines(batch))

    def close(self) -> None:
        self._file.close()


def lines(batch: pa.RecordBatch) -> memoryview:
    """The rows of `batch` as JSON text, each with a line end."""
    return buffers(objects(batch, "}\n"))[0].data


def objects(batch: pa.RecordBatch, closing: str = "}") -> pa.Array:
    """Each row of `batch` as the text of a JSON object."""
    parts: list[Any] = []
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        opening = "," if parts else "{"
        parts += [opening + json.dumps(name, ensure_ascii=False) + ":", pc.fill_null(json_cells(column), "null")]
    if not parts:
        return pa.array(["{" + closing] * batch.num_rows)
    return pc.binary_join_element_wise(*parts, closing, "")


def _readable(kind: pa.DataType) -> pa.DataType:
    """The type to parse as: one that the JSON reader supports and that casts to `kind`."""
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_duration(kind):
        return pa.int64()
    return pa.string() if pa.types.is_date(kind) else kind
