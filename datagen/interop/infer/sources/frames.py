"""Tables of pandas and Dask DataFrames."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datagen.columnar.block import CONVERSION_ERRORS
from datagen.errors import DataError
from datagen.interop.infer.source_table import SourceTable, source_table

_LARGEST_WHOLE = 2.0**53


def is_frame(source: Any) -> bool:
    """Whether a value is a pandas or a Dask DataFrame."""
    return hasattr(source, "columns") and hasattr(source, "dtypes") and hasattr(source, "reset_index")


def read_frames(frames: Mapping[Any, Any], most: int) -> list[SourceTable]:
    """The tables of DataFrames by name, of each the first `most` rows; all rows are counted. Raises DataError.

    An index with a name is a column. A Dask DataFrame is computed only as far as rows are read.
    """
    tables = []
    for name, frame in frames.items():
        if not isinstance(name, str) or not is_frame(frame):
            raise DataError(
                f"table {name!r} is no DataFrame: give a mapping of the names of tables to pandas or Dask DataFrames"
            )
        rows, first = _first(frame, most)
        tables.append(source_table(name, _arrow(name, first), rows))
    return tables


def _first(frame: Any, most: int) -> tuple[int, Any]:
    """How many rows there are, and the first ones as a pandas DataFrame."""
    if not hasattr(frame, "map_partitions"):
        return len(frame), frame.head(most)
    sizes = [int(size) for size in frame.map_partitions(len).compute()]
    needed = next((at for at in range(1, len(sizes)) if sum(sizes[:at]) >= most), len(sizes))
    return sum(sizes), frame.partitions[:needed].compute().head(most)


def _arrow(name: str, frame: Any) -> pa.Table:
    if any(level is not None for level in frame.index.names):
        frame = frame.reset_index()
    labels = [str(label) for label in frame.columns]
    if len(set(labels)) < len(labels):
        raise DataError(f"table '{name}' has two columns of one name: rename one of them")
    return pa.table({label: _cells(frame.iloc[:, at]) for at, label in enumerate(labels)})


def _cells(column: Any) -> pa.Array:
    """Cells as an array: whole numbers that pandas keeps as floats because some are missing are whole again; objects
    that Arrow has no type for are texts.
    """
    try:
        cells = pa.array(column, from_pandas=True)
    except CONVERSION_ERRORS:
        return pa.array([None if missing else str(cell) for cell, missing in zip(column, column.isna(), strict=True)])
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    if not pa.types.is_floating(cells.type) or not 0 < cells.null_count < len(cells):
        return cells
    present = pc.drop_null(cells)
    whole = pc.and_(pc.equal(pc.round(present), present), pc.less(pc.abs(present), _LARGEST_WHOLE))
    return pc.cast(cells, pa.int64()) if pc.all(whole).as_py() else cells
