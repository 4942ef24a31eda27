"""CSV with a header and quoted text; nulls are empty, an empty text is `""`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

import pyarrow as pa
import pyarrow.csv as arrow_csv

from datagen.kinds.formats.base import SPARE, Encodings, Sink, Writer


class Csv(Sink):
    """Comma-separated values in UTF-8, one file per table and partition, each with a header."""

    extension: ClassVar[str] = "csv"
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "as_csv",
            "seed": 1,
            "window": {"start": "2024-01-01", "end": "2025-01-01"},
            "output": {"type": "csv"},
            "tables": {"points": {"rows": 1000, "columns": {"point_id": {"type": "key"}}}},
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "tsv",
        "text",
        "delimited",
    )
    type: Literal["csv"] = "csv"

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> Writer:
        writer: Writer = arrow_csv.CSVWriter(path, schema)
        return writer

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        wanted = schema.names if columns is None else list(columns)
        convert = arrow_csv.ConvertOptions(
            column_types={field.name: _readable(field.type) for field in schema},
            include_columns=wanted,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        )
        # a row of one missing cell is an empty line: it must not be skipped
        parse = arrow_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False)
        table = arrow_csv.read_csv(source, parse_options=parse, convert_options=convert)
        return table.cast(pa.schema([schema.field(name) for name in wanted]))


def _readable(kind: pa.DataType) -> pa.DataType:
    """The type to parse as; the reader knows no dictionaries with small indices."""
    return kind.value_type if pa.types.is_dictionary(kind) else kind
