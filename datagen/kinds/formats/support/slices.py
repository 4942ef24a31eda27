"""Slices of rows whose text needs little memory, for formats that encode rows as text."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.nested import inside

ROWS = 65_536
"""The most rows of a slice."""
BYTES = 8 * 2**20
"""About the largest text of a slice of more than one row, before characters are escaped."""
_NUMBER = 24
"""Bytes of a number or a time as text."""


def slices(table: pa.Table) -> Iterator[pa.RecordBatch]:
    """The rows of a table in order, in batches of which each has at most `ROWS` rows and about `BYTES` of text."""
    for batch in table.to_batches(max_chunksize=ROWS):
        yield from _divided(batch)


def _divided(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    rows = batch.num_rows
    if rows < 2 or _text_bytes(batch) <= BYTES:
        yield batch
        return
    yield from _divided(batch.slice(0, rows // 2))
    yield from _divided(batch.slice(rows // 2))


def _text_bytes(batch: pa.RecordBatch) -> int:
    """About the bytes of the rows as text, with the names of the columns in each."""
    return sum(_cell_bytes(column, name) for name, column in zip(batch.schema.names, batch.columns, strict=True))


def _cell_bytes(column: pa.Array, name: str = "") -> int:
    kind, around = column.type, len(name) * len(column)
    if pa.types.is_dictionary(kind):
        sizes = pc.binary_length(column.dictionary.cast(pa.string())).take(column.indices)
        return around + int(pc.sum(sizes).as_py() or 0)
    if pa.types.is_struct(kind):
        parts = zip(kind, column.flatten(), strict=True)
        return around + sum(_cell_bytes(part, field.name) for field, part in parts)
    if pa.types.is_map(kind):
        return around + sum(_cell_bytes(inside(column, part)) for part in (column.keys, column.items))
    if pa.types.is_list(kind):
        return around + _cell_bytes(inside(column, column.values))
    return around + int(column.nbytes) + _NUMBER * len(column)
