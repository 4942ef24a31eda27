"""A sample of complete rows, independent of the slices: those with the smallest hashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from datagen.columnar.block import TEXT, Bools, Column, Ints, Words

KEPT = 2000
"""The number of sampled rows of a table."""


@dataclass(frozen=True, slots=True, eq=False)
class RowSample:
    """The rows with the smallest `hashes`, ascending, shape (n,), and their cells, n for each column."""

    hashes: Words
    cells: dict[str, Column]

    def __len__(self) -> int:
        return len(self.hashes)

    def merge(self, other: RowSample) -> RowSample:
        hashes = np.concatenate([self.hashes, other.hashes])
        order = np.argsort(hashes, kind="stable")[:KEPT]
        names = [name for name in self.cells if name in other.cells]
        cells = {name: _joined(self.cells[name], other.cells[name]).take(order) for name in names}
        return RowSample(hashes[order], cells)


def smallest(hashes: Words) -> Ints:
    """The positions of the rows that a sample keeps, in hash order, shape (k,)."""
    chosen = np.argpartition(hashes, KEPT)[:KEPT] if len(hashes) > KEPT else np.arange(len(hashes))
    order: Ints = np.argsort(hashes[chosen], kind="stable")
    return chosen[order].astype(np.int64, copy=False)


def spelled_out(column: Column) -> Column:
    """The cells, with a category as text, so that columns with different dictionaries can be concatenated."""
    return column if column.dictionary is None else Column(TEXT, column.texts, column.valid)


def _joined(one: Column, other: Column) -> Column:
    if isinstance(one.data, pa.Array):
        data = pa.concat_arrays([one.data.cast(pa.string()), other.data.cast(pa.string())])
    else:
        data = np.concatenate([one.data, other.data])
    if one.valid is None and other.valid is None:
        return Column(one.type, data)
    return Column(one.type, data, np.concatenate([_valid(one), _valid(other)]))


def _valid(column: Column) -> Bools:
    return np.ones(len(column), np.bool_) if column.valid is None else column.valid
