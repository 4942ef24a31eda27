"""Reads data files as Arrow: Parquet as stored, text with the declared types if it fits, others by their format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO
from zipfile import BadZipFile

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datagen.columnar.block import CONVERSION_ERRORS
from datagen.errors import DataError, reason_of
from datagen.kinds.formats.base import Sink
from datagen.kinds.formats.support.hive import restored, values_of
from datagen.kinds.formats.support.sheets import typed
from datagen.kinds.stores.base import Entry, Store, address_hash, readable_address
from datagen.registry import load
from datagen.schema.reading.read import seeming_encoding
from datagen.validation.inputs.plain_types import plain
from datagen.validation.inputs.restore import restored as undone

FORMATS = ("parquet", "csv", "jsonl", "arrow", "xlsx")
"""The extensions of the formats here. Formats of other packages have further ones."""
_BYTES_PER_ROW = 60
"""The assumed bytes of a row of a text file before it is read."""
UNREADABLE = (
    OSError,
    pa.ArrowException,
    ValueError,
    TypeError,
    OverflowError,
    RecursionError,
    MemoryError,
    KeyError,
    csv.Error,
    BadZipFile,
)
"""The errors of the readers for damaged or malicious files."""
_SOON_COUNTED = 1 << 24
_BATCH = 1 << 18
_TEXT = pa.string()


def is_read(extension: str) -> bool:
    """Whether files with the extension are read."""
    return extension in FORMATS or _sink_of(extension) is not None


def _sink_of(extension: str) -> type[Sink] | None:
    """The format that reads files with the extension without their schema; None where there is none."""
    load()
    inherited: Any = Sink.read_all
    for kind in Sink.members.values():
        if issubclass(kind, Sink) and kind.extension == extension:
            method: Any = kind.read_all
            if method.__func__ is not inherited.__func__:
                return kind
    return None


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file, its columns with their types (only names for a text file) and its rows, exact for Parquet."""

    path: str
    format: str
    rows: int
    columns: Mapping[str, str]
    typed: bool = True
    """Whether the file format has types."""
    bytes: int = 0
    dialect: tuple[str, str] = (",", ".")
    """The separator and the decimal mark of a CSV file."""
    xxh3: str = ""
    """The hash of the bytes that datagen wrote, if it is to be compared."""
    key: pa.Table | None = field(default=None, compare=False, repr=False)
    """The part of the answer key about this file, whose faults are taken back when it is read."""

    @property
    def altered(self) -> bool:
        """Whether the file has other bytes than datagen wrote. Raises DataError if it cannot be read."""
        try:
            return bool(self.xxh3) and address_hash(self.path) != self.xxh3
        except OSError as error:
            raise DataError(f"cannot read '{self.path}': {_short(error)}") from None

    def with_key(self, key: pa.Table) -> DataFile:
        """The file with its answer key; its rows are counted without copies."""
        copies = pc.and_(pc.is_null(key["column"]), pc.is_null(key["was"]))
        return replace(self, key=key, rows=self.rows - (pc.sum(copies).as_py() or 0))


def opened(store: Store, entry: Entry, dialect: tuple[str, str] = (",", ".")) -> DataFile:
    """The metadata of a file; CSV is in the `dialect`. Raises DataError if it cannot be read."""
    path, extension = store.path_or_url(entry.key), entry.name.rpartition(".")[2]
    try:
        if entry.kind != "file":  # opening a pipe would block
            raise DataError(f"cannot read '{path}': it is not a regular file")
        with store.open(entry.key) as source:
            if extension == "parquet":
                with pq.ParquetFile(source) as file:
                    columns = {field.name: str(field.type) for field in file.schema_arrow}
                    columns |= dict.fromkeys(values_of(entry.key), "string")
                    _check_distinct(path, file.schema_arrow.names)
                    return DataFile(path, extension, file.metadata.num_rows, columns, bytes=entry.size)
            if extension == "arrow":
                return _arrow_file(path, source, entry.size)
            if extension not in ("csv", "jsonl"):
                return _other_file(path, extension, source, entry.size)
            _check_encoding(path, source)
            names = _csv_names(path, source, dialect[0]) if extension == "csv" else _json_names(path, source)
            rows = _lines(source, entry.size, header=extension == "csv")
            return DataFile(path, extension, rows, dict.fromkeys(names, "text"), False, entry.size, dialect)
    except UNREADABLE as error:
        raise DataError(f"cannot read '{path}': {_short(error)}") from None


def _arrow_file(path: str, source: BinaryIO, size: int) -> DataFile:
    with pa.ipc.open_file(source) as file:
        _check_distinct(path, file.schema.names)
        rows = sum(file.get_batch(index).num_rows for index in range(file.num_record_batches))
        return DataFile(path, "arrow", rows, {field.name: str(field.type) for field in file.schema}, bytes=size)


def _other_file(path: str, extension: str, source: BinaryIO, size: int) -> DataFile:
    rows = _rows_of(extension, source)
    _check_distinct(path, rows.column_names)
    if all(pa.types.is_string(field.type) for field in rows.schema):
        return DataFile(path, extension, rows.num_rows, dict.fromkeys(rows.column_names, "text"), False, size)
    return DataFile(path, extension, rows.num_rows, {field.name: str(field.type) for field in rows.schema}, bytes=size)


def _rows_of(extension: str, source: BinaryIO) -> pa.Table:
    sink = _sink_of(extension)
    if sink is None:
        raise ValueError(f"no format reads files called *.{extension}")
    return sink.read_all(source)


@contextmanager
def _arrow_reader(path: str) -> Iterator[Any]:
    with readable_address(path) as raw:
        opened = pa.OSFile(raw) if isinstance(raw, str) else nullcontext(raw)
        with opened as source, pa.ipc.open_file(source) as file:
            yield file


def _arrow_batches(path: str, selected: list[str]) -> Iterator[pa.Table]:
    with _arrow_reader(path) as file:
        for index in range(file.num_record_batches):
            yield pa.Table.from_batches([file.get_batch(index)]).select(selected)


def _lines(source: BinaryIO, size: int, *, header: bool) -> int:
    """The rows of a text file: counted lines if that is fast, else estimated from its size."""
    if size > _SOON_COUNTED:
        return size // _BYTES_PER_ROW
    source.seek(0)
    text = source.read()
    lines = text.count(b"\n") + (not text.endswith(b"\n") and bool(text))
    return max(lines - header, 0)


def read(file: DataFile, columns: Sequence[str], declared: Mapping[str, pa.DataType]) -> pa.Table:
    """The named columns of a file without its faults. Text is parsed as the declared types if every cell fits, else
    stays text.
    """
    found = _read(file, columns, declared)
    if file.key is None:
        return found
    try:
        return undone(found, file.key, declared)
    except (*UNREADABLE, IndexError) as error:
        raise DataError(f"the answer key does not belong to '{file.path}': {_short(error)}") from None


def _read(file: DataFile, columns: Sequence[str], declared: Mapping[str, pa.DataType]) -> pa.Table:
    selected = [name for name in columns if name in file.columns]
    try:
        if file.format == "parquet":
            with readable_address(file.path) as raw, pq.ParquetFile(raw) as source:
                return plain(_with_folders(file, source.read(columns=selected), selected, declared))
        if file.format == "arrow":
            with _arrow_reader(file.path) as reader:
                return plain(reader.read_all().select(selected))
        if file.format not in ("csv", "jsonl"):
            return plain(_other_rows(file, selected, declared))
        return plain(pa.concat_tables(_text_batches(file, selected, declared), promote_options="permissive"))
    except UNREADABLE as error:
        raise DataError(f"cannot read '{file.path}': {_short(error)}") from None


def _other_rows(file: DataFile, selected: Sequence[str], declared: Mapping[str, pa.DataType]) -> pa.Table:
    """The columns of a file that its format reads. Text has the declared types if every cell fits."""
    with (
        readable_address(file.path) as raw,
        Path(raw).open("rb") if isinstance(raw, str) else nullcontext(raw) as source,
    ):
        rows = _rows_of(file.format, source)
    if file.typed:
        return rows.select(selected)
    texts = rows.combine_chunks()
    return pa.table(
        {name: _fitting(texts[name].chunk(0), readable(declared.get(name, pa.string()))) for name in selected}
    )


def _fitting(text: pa.Array, declared: pa.DataType) -> pa.Array:
    try:
        return typed(text, declared)
    except pa.ArrowInvalid:
        return text


def _with_folders(
    file: DataFile, rows: pa.Table, selected: Sequence[str], declared: Mapping[str, pa.DataType]
) -> pa.Table:
    """The rows with the columns whose cells are in the path of the file, in the declared types if they fit."""
    folders = values_of(file.path)
    if not folders.keys() & {*selected}:
        return rows
    fields = [
        pa.field(name, _folder_type(folders[name], declared.get(name, pa.string())))
        if name in folders
        else rows.field(name)
        for name in selected
    ]
    return restored(rows, folders, pa.schema(fields))


def _folder_type(cell: str | None, declared: pa.DataType) -> pa.DataType:
    try:
        pa.array([cell], pa.string()).cast(readable(declared))
    except pa.ArrowInvalid:
        return pa.string()
    return readable(declared)


def batches(file: DataFile, columns: Sequence[str]) -> Iterator[pa.Table]:
    """A file in pieces of bounded size, with text unparsed. JSON Lines are read file by file. Raises DataError."""
    selected = [name for name in columns if name in file.columns]
    if file.key is not None and file.key.num_rows:
        yield read(file, selected, {})
        return
    try:
        if file.format == "parquet":
            with readable_address(file.path) as raw, pq.ParquetFile(raw) as source:
                for batch in source.iter_batches(_BATCH, columns=selected):
                    yield plain(_with_folders(file, pa.Table.from_batches([batch]), selected, {}))
        elif file.format == "arrow":
            yield from map(plain, _arrow_batches(file.path, selected))
        elif file.format == "csv":
            yield from _csv_pieces(file, selected)
        elif file.format != "jsonl":
            yield plain(_other_rows(file, selected, {}))
        else:
            yield from _parsed(file, selected, dict.fromkeys(selected, pa.string()))
    except UNREADABLE as error:
        raise DataError(f"cannot read '{file.path}': {_short(error)}") from None


def _csv_pieces(file: DataFile, selected: list[str]) -> Iterator[pa.Table]:
    import pyarrow.csv as arrow_csv

    reading = arrow_csv.ReadOptions(block_size=1 << 24)
    options = {
        "read_options": reading,
        "parse_options": _parsing(file),
        "convert_options": _converting(file, dict.fromkeys(selected, pa.string())),
    }
    with readable_address(file.path) as raw, arrow_csv.open_csv(raw, **options) as source:
        for batch in source:
            yield pa.Table.from_batches([batch])


def _text_batches(file: DataFile, selected: list[str], declared: Mapping[str, pa.DataType]) -> list[pa.Table]:
    """With the declared types if all cells fit, else as text (JSON: as stored), which is checked cell by cell."""
    try:
        return _parsed(file, selected, {name: readable(declared.get(name, pa.string())) for name in selected})
    except CONVERSION_ERRORS:
        if file.format == "jsonl":
            return _parsed(file, selected, {})
        return [_with_points(file, part, declared) for part in _parsed(file, selected, dict.fromkeys(selected, _TEXT))]


def _with_points(file: DataFile, texts: pa.Table, declared: Mapping[str, pa.DataType]) -> pa.Table:
    """The texts of a file with points as the decimal marks of its numbers."""
    for at, name in enumerate(texts.column_names if file.dialect[1] != "." else ()):
        type_ = declared.get(name, _TEXT)
        if pa.types.is_floating(type_) or pa.types.is_decimal(type_):
            texts = texts.set_column(at, name, pc.replace_substring(texts.column(at), file.dialect[1], "."))
    return texts


def _parsed(file: DataFile, selected: list[str], types: Mapping[str, pa.DataType]) -> list[pa.Table]:
    if file.format == "jsonl":
        import pyarrow.json as arrow_json  # imported only if it is needed

        fields = pa.schema([pa.field(name, _json_type(type_)) for name, type_ in types.items()])
        if not file.bytes:
            return [fields.empty_table()]
        parse = arrow_json.ParseOptions(explicit_schema=fields if types else None)
        with readable_address(file.path) as raw:
            return [arrow_json.read_json(raw, parse_options=parse).select(selected)]
    import pyarrow.csv as arrow_csv

    with readable_address(file.path) as raw:
        flat = {name: _TEXT if pa.types.is_nested(type_) else type_ for name, type_ in types.items()}
        return [arrow_csv.read_csv(raw, parse_options=_parsing(file), convert_options=_converting(file, flat))]


def _converting(file: DataFile, types: Mapping[str, pa.DataType]) -> Any:
    import pyarrow.csv as arrow_csv

    return arrow_csv.ConvertOptions(
        column_types=dict(types), include_columns=list(types), null_values=[""], strings_can_be_null=True,
        quoted_strings_can_be_null=False, true_values=["true", "True", "TRUE", "1", "t"],
        false_values=["false", "False", "FALSE", "0", "f"], decimal_point=file.dialect[1],
    )  # fmt: skip


def _parsing(file: DataFile) -> Any:
    import pyarrow.csv as arrow_csv

    # a row with a single missing cell is an empty line, which must not be skipped
    return arrow_csv.ParseOptions(delimiter=file.dialect[0], newlines_in_values=True, ignore_empty_lines=False)


def readable(type_: pa.DataType) -> pa.DataType:
    """The type to parse text as. The readers support neither dictionaries of small codes nor durations."""
    if pa.types.is_dictionary(type_):
        return type_.value_type
    return pa.int64() if pa.types.is_duration(type_) else type_


def _json_type(type_: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_date(type_) else type_


def _csv_names(path: str, source: BinaryIO, separator: str) -> list[str]:
    names = next(csv.reader([_first_line(source, 1 << 16, "utf-8-sig")], delimiter=separator), [])
    _check_distinct(path, names)
    if len(names) == 1 and (mark := next((m for m in ";\t|" if m in names[0]), None)):
        message = {"\t": "a tab"}.get(mark, f"'{mark}'")
        raise DataError(
            f"cannot read '{path}': its columns seem to be separated by {message}; write commas between them"
        )
    return names


def _check_encoding(path: str, source: BinaryIO) -> None:
    seems = seeming_encoding(source.read(4096))
    source.seek(0)
    if seems:
        raise DataError(f"cannot read '{path}': it is not UTF-8 text, and seems to be {seems}")


def _first_line(source: BinaryIO, most: int, encoding: str) -> str:
    text = io.TextIOWrapper(source, encoding, newline="")
    line = text.readline(most)
    text.detach()
    return line


def _check_distinct(path: str, names: Sequence[str]) -> None:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise DataError(f"cannot read '{path}': its header has a column name twice, '{twice[:60]}'")


def _json_names(path: str, source: BinaryIO) -> list[str]:
    line = _first_line(source, 1 << 20, "utf-8")
    try:
        row = json.loads(line) if line.strip() else {}
    except RecursionError:
        raise DataError(f"cannot read '{path}': its first line is nested too deeply") from None
    except ValueError as error:
        raise DataError(f"cannot read '{path}': {_short(error)}") from None
    if not isinstance(row, dict):
        raise DataError(f"cannot read '{path}': its first line is not a JSON object")
    return [str(name) for name in row]


def _short(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 text: byte {error.start + 1} of the data read is invalid"
    return reason_of(error).splitlines()[0][:200].strip().rstrip(".")
