"""Cells with those of the row before below the same parent."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Bools, Floats, Rows


def first_below(rows: Rows) -> Bools:
    """Which rows are the first of their parent, bool (n,)."""
    above = rows.block.parent_row
    first = np.ones(len(rows.block), np.bool_)
    if above is not None:
        first[1:] = above[1:] != above[:-1]
    return first if rows.at is None else first[rows.at]


def successive(rows: Rows, column: str) -> tuple[Floats, Floats]:
    """The number before each and the number itself, shape (n,) each; nan where missing, and before a first row."""
    cells = rows.block.columns[column]
    after = cells.as_floats() if cells.valid is None else np.where(cells.valid, cells.as_floats(), np.nan)
    before = np.concatenate(([np.nan], after[:-1]))
    if rows.at is not None:
        before, after = before[rows.at], after[rows.at]
    return np.where(first_below(rows), np.nan, before), after
