"""CSV with a header. Nulls are empty; an empty text is `""`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ClassVar, Literal

import pyarrow as pa
import pyarrow.csv as arrow_csv
from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from datagen.columnar import arrow_compute as pc
from datagen.columnar.nested import from_json, json_cells, utc_text
from datagen.columnar.text import buffers
from datagen.kinds.formats.base import SPARE, Encodings, Sink, Writer
from datagen.kinds.formats.support.slices import slices

_BOM = b"\xef\xbb\xbf"


def _tab(value: Any) -> Any:
    """A command line cannot easily write a tab."""
    return "\t" if value == "tab" else value


class Csv(Sink):
    """Delimited text in UTF-8, one file per table and partition, each with a header. Nested cells are JSON text."""

    extension: ClassVar[str] = "csv"
    inflation: ClassVar[float] = 3.0
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "as_csv",
            "seed": 1,
            "window": {"start": "2024-01-01", "end": "2025-01-01"},
            "output": {"type": "csv", "separator": ";", "decimal": ",", "bom": True},
            "tables": {
                "points": {
                    "rows": 1000,
                    "columns": {"point_id": {"type": "key"}, "height": {"type": "normal", "mean": 2, "sd": 1}},
                }
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "tsv",
        "text",
        "delimited",
    )
    type: Literal["csv"] = "csv"
    separator: Annotated[Literal[",", ";", "|", "\t"], BeforeValidator(_tab)] = Field(
        ",", description="between cells; 'tab' is a tab"
    )
    decimal: Literal[".", ","] = Field(".", description="the decimal mark of numbers")
    bom: bool = Field(False, description="begin each file with a byte order mark, for spreadsheets")
    quoting: Literal["texts", "all", "minimal"] = Field(
        "texts", description="which cells are quoted; minimal: texts that would be read as something else"
    )

    @model_validator(mode="after")
    def _check_separator(self) -> Csv:
        if self.decimal == self.separator:
            message = "a comma is both the separator and the decimal mark"
            raise PydanticCustomError(
                "conflict", "{message}", {"message": message, "hint": 'write "separator": ";"', "key": "separator"}
            )
        return self

    def open(self, path: Path, schema: pa.Schema, encodings: Encodings, spare: int = SPARE) -> Writer:
        file = pa.OSFile(str(path), "wb")
        file.write(_BOM if self.bom else b"")
        if self.decimal == "." and self.quoting != "minimal":
            return _ArrowCsvFile(file, schema, self)
        return _CsvFile(file, schema, self)

    def read(self, source: str | Path | BinaryIO, schema: pa.Schema, columns: Sequence[str] | None = None) -> pa.Table:
        selected = schema.names if columns is None else list(columns)
        convert = arrow_csv.ConvertOptions(
            column_types={field.name: _readable(field.type) for field in schema},
            include_columns=selected,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            decimal_point=self.decimal,
        )
        # a row with a single missing cell is an empty line, which must not be skipped
        parse = arrow_csv.ParseOptions(delimiter=self.separator, newlines_in_values=True, ignore_empty_lines=False)
        table = arrow_csv.read_csv(source, parse_options=parse, convert_options=convert)
        for at, name in enumerate(selected):
            if pa.types.is_nested(schema.field(name).type):
                cells = pa.concat_arrays(table.column(at).chunks or [pa.array([], pa.string())])
                table = table.set_column(at, name, from_json(cells, schema.field(name).type))
        return table.cast(pa.schema([schema.field(name) for name in selected]))


class _ArrowCsvFile:
    """A file that Arrow writes."""

    def __init__(self, file: pa.OSFile, schema: pa.Schema, sink: Csv) -> None:
        quoting = "all_valid" if sink.quoting == "all" else "needed"
        options = arrow_csv.WriteOptions(delimiter=sink.separator, quoting_style=quoting)
        self._flat = pa.schema([_flat(field) for field in schema])
        self._file, self._writer = file, arrow_csv.CSVWriter(file, self._flat, write_options=options)

    def write(self, table: pa.Table) -> None:
        for batch in slices(table):
            columns = [
                (json_cells(column) if pa.types.is_nested(column.type) else column).cast(flat.type)
                for column, flat in zip(batch.columns, self._flat, strict=True)
            ]
            self._writer.write_batch(pa.RecordBatch.from_arrays(columns, schema=self._flat))

    def close(self) -> None:
        if not self._file.closed:
            self._writer.close()
            self._file.close()


class _CsvFile:
    """A file whose lines are put together here, for what Arrow's writer does not know."""

    def __init__(self, file: pa.OSFile, schema: pa.Schema, sink: Csv) -> None:
        self._file, self._sink = file, sink
        head = pa.table({name: [name] for name in schema.names}).to_batches()[0]
        self._file.write(self._lines(head))

    def write(self, table: pa.Table) -> None:
        for batch in slices(table):
            self._file.write(self._lines(batch))

    def close(self) -> None:
        self._file.close()

    def _lines(self, batch: pa.RecordBatch) -> memoryview:
        cells = [pc.fill_null(self._cells(column), "") for column in batch.columns]
        rows = pc.binary_join_element_wise(*cells, self._sink.separator)
        text = pc.binary_join_element_wise(rows, "\n", "")
        return buffers(text)[0].data

    def _cells(self, column: pa.Array) -> pa.Array:
        """Each cell as written in the file, null if it is missing."""
        kind, quoting = column.type, self._sink.quoting
        if pa.types.is_dictionary(kind):
            return self._cells(column.dictionary).take(column.indices)
        if pa.types.is_string(kind) or pa.types.is_large_string(kind):
            return self._quoted(column.cast(pa.string()))
        if pa.types.is_nested(kind):
            return self._quoted(json_cells(column))
        text = column.cast(pa.int64()) if pa.types.is_duration(kind) else column
        text = utc_text(text)
        if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            text = pc.replace_substring(text, ".", self._sink.decimal)
        return pc.binary_join_element_wise('"', text, '"', "") if quoting == "all" else text

    def _quoted(self, text: pa.Array) -> pa.Array:
        quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
        if self._sink.quoting != "minimal":
            return quoted
        plain = pc.match_substring_regex(text, f'^[^"\\r\\n{self._sink.separator}]+$')
        return pc.if_else(plain, text, quoted)


def _flat(field: pa.Field) -> pa.Field:
    """The column as it is written: nested cells are JSON text, times with a zone are in UTC."""
    if pa.types.is_timestamp(field.type) and field.type.tz is not None:
        return field.with_type(pa.timestamp("us", "UTC"))
    return field.with_type(pa.string()) if pa.types.is_nested(field.type) else field


def _readable(kind: pa.DataType) -> pa.DataType:
    """The type to parse as: the reader does not support dictionaries with small indices, nor nested types."""
    if pa.types.is_nested(kind):
        return pa.string()
    return kind.value_type if pa.types.is_dictionary(kind) else kind
