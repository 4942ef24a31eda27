"""Tables in CSV and Parquet files: a file each, or a folder with a file or a folder of files for each."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds

from datagen.errors import DataError
from datagen.interop.infer.source_table import SourceTable, source_table

_FORMATS = {".csv": "csv", ".parquet": "parquet", ".pq": "parquet", ".arrow": "ipc", ".feather": "ipc"}


def read_files(path: Path, most: int) -> list[SourceTable]:
    """The tables of a file or folder, of each the first `most` rows; all rows are counted. Raises DataError."""
    if not path.exists():
        raise DataError(f"there is no file or folder '{path}'")
    places = sorted(path.iterdir()) if path.is_dir() else [path]
    tables = [_table(place, most) for place in places if not place.name.startswith(("_", ".")) and _files(place)]
    if not tables:
        raise DataError(f"'{path}' holds no CSV or Parquet files")
    return tables


def _files(place: Path) -> list[Path]:
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    return [file for file in files if file.is_file() and file.suffix.lower() in _FORMATS]


def _table(place: Path, most: int) -> SourceTable:
    files = _files(place)
    try:
        data = ds.dataset([str(file) for file in files], format=_FORMATS[files[0].suffix.lower()])
        return source_table(place.stem, data.head(most), data.count_rows())
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"cannot read '{place}': {' '.join(str(error).split())[:200]}") from None
