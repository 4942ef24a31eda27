"""Which rows are looked at where all would be too many: the same ones whoever looks, spread evenly over a table."""

from __future__ import annotations

import numpy as np

from datagen.block import Floats, Ints

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def spread(size: int, salt: int = 0) -> Floats:
    """Numbers in [0, 1) for the rows of a slice, each far from its neighbours', shape (size,)."""
    ids = np.arange(1, size + 1, dtype=np.uint64) + np.uint64(salt * 7_919)
    words = ids * _GOLDEN
    words ^= words >> np.uint64(31)
    words *= np.uint64(0xBF58476D1CE4E5B9)
    words ^= words >> np.uint64(29)
    found: Floats = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return found


def some(size: int, share: float) -> Ints | None:
    """The positions of about this share of the rows, ascending; None for all of them."""
    return None if share >= 1.0 else np.flatnonzero(spread(size) < share)
