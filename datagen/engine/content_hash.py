"""A content hash of a table: it depends on values and column names, not on the order of rows, files or columns.

Each cell is hashed with its column's name. The hashes of a row are added and mixed, and the hashes of all rows are
added in two 64-bit lanes, modulo 2**64. A collision is as unlikely as for any 128-bit checksum that is not
cryptographic.
"""

from __future__ import annotations

import hashlib

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import Words, as_numpy
from datagen.columnar.cell_hashes import eight_bytes
from datagen.columnar.nested import json_cells
from datagen.random.streams import Stream, root_identities

_CHUNK = 1 << 17


class ContentHash:
    """Accumulates tables, in any order, into one digest."""

    def __init__(self) -> None:
        self._rows = 0
        self._sums = [0, 0]
        self._columns: list[str] = []

    def add(self, table: pa.Table) -> None:
        """Add the rows of a table. All tables must have the same columns."""
        self._columns = sorted(table.column_names)
        self._rows += table.num_rows
        for start in range(0, table.num_rows, _CHUNK):
            self._add_chunk(table.slice(start, _CHUNK))

    def _add_chunk(self, table: pa.Table) -> None:
        rows = np.zeros(table.num_rows, np.uint64)
        for name in self._columns:
            column = table.column(name).combine_chunks()
            array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
            rows += Stream.named(0, "content", name).words(root_identities(cell_words(array)))
        rows = root_identities(rows)
        for lane in (0, 1):
            mixed = Stream.named(lane, "row").words(rows)
            self._sums[lane] = (self._sums[lane] + int(np.add.reduce(mixed, dtype=np.uint64))) % 2**64

    def digest(self) -> str:
        """32 hexadecimal digits."""
        text = f"{self._rows} {self._sums} {self._columns}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def cell_words(array: pa.Array) -> Words:
    """One 64-bit word per cell, equal for equal values: numbers by their bits, text by its bytes, a
    null by a constant.
    """
    if pa.types.is_dictionary(array.type):
        words = cell_words(array.dictionary)
        codes = as_numpy(pc.fill_null(array.indices, 0)).astype(np.int64)
        return _nulled(words[codes] if len(words) else np.zeros(len(codes), np.uint64), array)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return _nulled(_text_words(array.cast(pa.large_string())), array)
    if pa.types.is_nested(array.type):
        return _nulled(_text_words(json_cells(array).cast(pa.large_string())), array)
    return _nulled(_number_words(array), array)


def _number_words(array: pa.Array) -> Words:
    type_ = array.type
    if pa.types.is_decimal(type_):
        array = array.cast(pa.float64())
    if pa.types.is_boolean(type_):
        array = array.cast(pa.int8())
    if pa.types.is_floating(array.type):
        floats = as_numpy(pc.fill_null(array, 0.0)).astype(np.float64)
        words: Words = (floats + 0.0).view(np.uint64)  # turns -0.0 into 0.0
        return words
    if pa.types.is_date(type_):
        array = array.cast(pa.int32())
    if pa.types.is_temporal(array.type):
        array = array.cast(pa.int64())
    return as_numpy(pc.fill_null(array, 0)).astype(np.int64).view(np.uint64)  # type: ignore[no-any-return]


def _text_words(array: pa.Array) -> Words:
    """The words of texts, eight bytes at a time for all rows at once."""
    filled = pc.fill_null(array, "")
    offsets = np.frombuffer(filled.buffers()[1], np.int64)[filled.offset : filled.offset + len(filled) + 1]
    raw = filled.buffers()[2]
    data = np.concatenate(
        [np.frombuffer(raw, np.uint8) if raw is not None else np.zeros(0, np.uint8), np.zeros(8, np.uint8)]
    )
    length = np.diff(offsets)
    words = length.astype(np.uint64)
    stream = Stream.named(0, "text")
    start = offsets[:-1]
    for at in range(0, int(length.max(initial=0)), 8):
        more = np.flatnonzero(length > at)
        eight = eight_bytes(data, start[more] + at, np.minimum(length[more] - at, 8))
        words[more] = stream.words(words[more] ^ eight)
    return words


def _nulled(words: Words, array: pa.Array) -> Words:
    if not array.null_count:
        return words
    valid = as_numpy(array.is_valid())
    return np.where(valid, words, np.uint64(0x9E3779B97F4A7C15))
