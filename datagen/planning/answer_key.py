"""The answer key of faults: one row for each damaged cell, each copied row and each row that was moved."""

from __future__ import annotations

import pyarrow as pa

from datagen.columnar import arrow_compute

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
    """What `spelled` wrote, as cells of a type that is no dictionary. Times are those of UTC, with or without a Z."""
    if pa.types.is_duration(type_):
        return texts.cast(pa.int64()).cast(type_)
    if pa.types.is_timestamp(type_):
        return arrow_compute.utf8_rtrim(texts, "Z").cast(pa.timestamp("us")).cast(type_)
    return texts.cast(type_)
