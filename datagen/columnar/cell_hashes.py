"""A 64-bit hash per cell, equal for equal cells, to find duplicates."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Column, Ints, Words
from datagen.columnar.nested import json_cells
from datagen.columnar.text import Bytes, buffers
from datagen.random.streams import mix

if TYPE_CHECKING:
    import pyarrow as pa

_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [2**64 - 1], np.uint64)


def cell_hashes(values: Column) -> Words:
    """A hash of every cell, shape (n,); arbitrary for missing cells."""
    if values.type.name == "text":
        return text_hashes(values.data)
    if values.type.nested:
        return text_hashes(json_cells(values.data))
    if values.dictionary is not None:
        words = text_hashes(values.dictionary)
        return words[values.data] if len(words) else np.zeros(len(values), np.uint64)
    data = values.data.astype(np.float64) + 0.0 if values.type.name == "float" else values.data.astype(np.int64)
    return mix(data.view(np.uint64))


def row_hashes(columns: list[Column]) -> Words:
    """A hash of every row over several columns, shape (n,)."""
    found = cell_hashes(columns[0])
    for values in columns[1:]:
        found = mix(found) ^ cell_hashes(values)
    return mix(found)


def text_hashes(array: pa.Array) -> Words:
    """The hashes of texts, eight bytes at a time for all rows at once."""
    data, ends = buffers(array)
    offsets = ends.astype(np.int64)
    length = np.diff(offsets)
    padded = np.concatenate([data, np.zeros(8, np.uint8)])
    found = mix(length.astype(np.uint64))
    start = offsets[:-1]
    for at in range(0, int(length.max(initial=0)), 8):
        more = np.flatnonzero(length > at)
        found[more] = mix(found[more] ^ eight_bytes(padded, start[more] + at, np.minimum(length[more] - at, 8)))
    return found


def next_in_order(array: pa.Array) -> Ints:
    """Of each text but the last, how it compares with the next one, by bytes: -1 before it, 0 equal, 1 after it; shape
    (n - 1,).
    """
    data, ends = buffers(array)
    offsets = ends.astype(np.int64)
    length = np.diff(offsets)
    padded = np.concatenate([data, np.zeros(8, np.uint8)])
    found, open_ = np.zeros(max(len(length) - 1, 0), np.int64), np.arange(max(len(length) - 1, 0))
    for at in range(0, int(length.max(initial=0)), 8):
        one, other = (_ordered(padded, offsets, rows, at) for rows in (open_, open_ + 1))
        found[open_] = (one > other).astype(np.int64) - (one < other)
        open_ = open_[one == other]
    return found


def _ordered(data: Bytes, offsets: Ints, rows: Ints, at: int) -> Words:
    """The bytes from `at` of these texts as words in the order of the texts."""
    start, end = np.minimum(offsets[rows] + at, offsets[rows + 1]), offsets[rows + 1]
    return eight_bytes(data, start, np.minimum(end - start, 8)).byteswap()


def eight_bytes(data: Bytes, start: Ints, size: Ints) -> Words:
    """Up to eight bytes from each start as one word, padded with zeros."""
    words: Words = np.lib.stride_tricks.sliding_window_view(data, 8)[start].copy().view("<u8").reshape(-1)
    return words & _MASKS[size]
