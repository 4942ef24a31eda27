"""Counts the references to each row of a table."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Ints, Rows
from datagen.validation.metrics.base import Slice

MOST_ROWS = 1_000_000
"""The most rows of a referenced table that are counted one by one."""


def reference_counts(part: Slice, table: str, column: str, start: int, size: int) -> Ints | None:
    """The references of a column to each of `size` rows whose keys begin at `start`, int64 (size,).

    None if the slice has no such rows, or if the referenced table has fewer than 2 or more than `MOST_ROWS` rows.
    """
    block = part.block(table)
    if block is None or not 1 < size <= MOST_ROWS:
        return None
    cells = Rows(block).column(column)
    index = (cells.data if cells.valid is None else cells.data[cells.valid]) - start
    return np.bincount(index[(index >= 0) & (index < size)], minlength=size).astype(np.int64)
