"""Numbers as whole millionths, which add up to the same sum in any order."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Column, Ints

MILLION = 1_000_000


def millionths(cells: Column, missing: int = 0, most: float = 2.0**52) -> Ints:
    """Numbers in millionths, rounded and at most `most` in size, int64 (n,); `missing` where they are null, infinite or
    not a number.
    """
    values = cells.as_floats()
    there = np.isfinite(values) if cells.valid is None else np.isfinite(values) & cells.valid
    found = np.rint(np.clip(np.where(there, values, 0.0) * MILLION, -most, most))
    return np.where(there, found.astype(np.int64), missing)
