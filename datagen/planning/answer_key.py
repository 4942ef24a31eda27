"""The answer key of faults: one row for each damaged cell, each copied row and each row that was moved."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute
from datagen.columnar.block import Ints

FOLDER = "_truth/faults"
_WORDS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        pa.field("table", _WORDS, nullable=False),
        pa.field("row", pa.int64(), nullable=False),
        pa.field("key", pa.string()),
        pa.field("fault", _WORDS, nullable=False),
        pa.field("column", _WORDS),
        pa.field("was", pa.string()),
        pa.field("now", pa.string()),
    ]
)
"""`row` is the position of the damaged row in the table's file of the same partition, from 0. `key` is the row's
primary key before any fault. `was` and `now` are the cell as text, null where it is missing. A copied row has no
`column`; a row that was moved has no `column` either, and `was` is its position without the faults of rows.
"""
ENCODINGS = {"table": "dictionary", "fault": "dictionary", "column": "dictionary", "row": "delta"}


def spelled(cells: pa.Array) -> pa.Array:
    """Cells as the answer key shows them; durations in microseconds."""
    return (cells.cast(pa.int64()) if pa.types.is_duration(cells.type) else cells).cast(pa.string())


def parsed(texts: pa.Array, type_: pa.DataType) -> pa.Array:
    """The inverse of `spelled`: texts as cells of a type that is no dictionary. Times are those of UTC, with or without
    a Z.
    """
    if pa.types.is_duration(type_):
        return texts.cast(pa.int64()).cast(type_)
    if pa.types.is_timestamp(type_):
        return arrow_compute.utf8_rtrim(texts, "Z").cast(pa.timestamp("us")).cast(type_)
    return texts.cast(type_)


def clean_positions(key: pa.Table, rows: int) -> Ints | None:
    """The positions in a file of its rows before faults of rows, in their order, shape (clean rows,); None if all rows
    are in their places.

    `key` is the part of the answer key about the file, `rows` how many the file has.
    """
    of_rows = key.filter(arrow_compute.is_null(key["column"]))
    at, was = integers(of_rows["row"]), of_rows["was"]
    if not len(at):
        return None
    copied = np.asarray(arrow_compute.is_null(was).to_numpy(zero_copy_only=False), np.bool_)
    kept = np.delete(np.arange(rows), at[copied])
    moved, slots = at[~copied], integers(was.filter(arrow_compute.is_valid(was)).cast(pa.int64()))
    order, free = np.empty(len(kept), np.int64), np.ones(len(kept), np.bool_)
    order[slots], free[slots] = moved, False  # moved rows go to their slots, the others fill the rest
    order[free] = np.setdiff1d(kept, moved, assume_unique=True)
    return order


def integers(column: pa.ChunkedArray) -> Ints:
    """A column of whole numbers without missing cells, shape (n,)."""
    return np.asarray(column.to_numpy(), np.int64)
