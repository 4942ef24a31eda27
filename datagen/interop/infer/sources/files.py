"""Tables in CSV and Parquet files: a file each, or a folder with a file or a folder of files for each."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.dataset as ds
import pyarrow.parquet as pq

from datagen.errors import DataError
from datagen.interop.infer.file_parts import BARE_CSV, arrow_format, parts_of, spread_over
from datagen.interop.infer.large_tables import LargeTable, sampled
from datagen.interop.infer.source_table import SourceTable, source_table

_VALUE = re.compile(
    r"(?!(19|20)\d\d$)[+-]?\d+([.,]\d+)*|\d{4}-\d\d-\d\d([T ].*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}|"
    r"[^@\s]+@[^@\s]+\.[^@\s]+|[0-9a-fA-F]{8}-([0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
)
_LOOKED = 1000
_FORMATS = {".csv": "csv", ".parquet": "parquet", ".pq": "parquet", ".arrow": "ipc", ".feather": "ipc"}


def read_files(path: Path, most: int, place: Mapping[str, Any]) -> list[SourceTable]:
    """The tables of a file or folder; of those with more than `most` rows, and of their families, a sample with the
    summaries of all rows, read where the options of `ClusterOptions` say. Raises DataError.
    """
    if not path.exists():
        raise DataError(f"there is no file or folder '{path}'")
    places = sorted(path.iterdir()) if path.is_dir() else [path]
    tables = [_table(one, most) for one in places if not one.name.startswith(("_", ".")) and _files(one)]
    if not tables:
        raise DataError(f"'{path}' holds no CSV or Parquet files")
    if any(isinstance(table, LargeTable) for table in tables):
        return sampled({table.name: table for table in tables}, most, spread_over(place))
    return [table for table in tables if isinstance(table, SourceTable)]


def _files(place: Path) -> list[Path]:
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    return [file for file in files if file.is_file() and file.suffix.lower() in _FORMATS]


def _table(place: Path, most: int) -> SourceTable | LargeTable:
    files = [str(file) for file in _files(place)]
    file_format = _FORMATS[Path(files[0]).suffix.lower()]
    try:
        columns = _bare_columns(files[0]) if file_format == "csv" else []
        if columns:
            file_format = BARE_CSV
        elif len(files) == 1 and _names_repeat(files[0], file_format):
            return source_table(place.stem, _with_repeated_names(files[0], file_format))
        data = ds.dataset(files, format=arrow_format(file_format, columns))
        rows = data.count_rows()
        if rows > most:
            return LargeTable(place.stem, parts_of(files, file_format, data.schema), rows)
        table = source_table(place.stem, data.to_table(), rows)
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"cannot read '{place}': {' '.join(str(error).split())[:200]}") from None
    if columns:
        table.notes.append(f"{columns[0]}: the file has no names of columns; they are called column_1, column_2 ...")
    return table


def _names_repeat(file: str, file_format: str) -> bool:
    """Whether two columns have one name, which a dataset of Arrow cannot read."""
    names = _header(file) if file_format == "csv" else pq.read_schema(file).names if file_format == "parquet" else []
    return len(set(names)) < len(names)


def _bare_columns(file: str) -> list[str]:
    """Names for the columns of a CSV file whose first line is a row like the others; none where it has names.

    A first line is a row where one of its cells is a number that is no year, a date, an e-mail address or a UUID, or
    comes again in its column.
    """
    with Path(file).open(encoding="utf-8-sig", errors="replace", newline="") as text:
        lines = list(islice(csv.reader(text), _LOOKED))
    if len(lines) < 2:
        return []
    first, rows = lines[0], lines[1:]
    again = any(cell and cell in {row[at] for row in rows if at < len(row)} for at, cell in enumerate(first))
    if not again and not any(_VALUE.fullmatch(cell.strip()) for cell in first):
        return []
    return [f"column_{place + 1}" for place in range(len(first))]


def _header(file: str) -> list[str]:
    with Path(file).open(encoding="utf-8-sig", errors="replace", newline="") as text:
        return next(csv.reader(text), [])


def _with_repeated_names(file: str, file_format: str) -> pa.Table:
    if file_format == "parquet":
        return pq.ParquetFile(file).read()
    names = _header(file)
    places = [str(place) for place in range(len(names))]
    options = pa_csv.ReadOptions(column_names=places, skip_rows=1)
    return pa_csv.read_csv(file, read_options=options).rename_columns(names)
