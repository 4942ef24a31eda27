"""Ragged arrays: runs of items side by side, given by the length of each run."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt


def ordinals(counts: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """The place of each item in its run: 0, 1, 2 ... in each, shape (items,)."""
    return positions(0, counts)


def positions(first: npt.NDArray[Any] | int, counts: npt.NDArray[Any]) -> npt.NDArray[np.int64]:
    """`first`, `first` + 1, `first` + 2 ... in each run, shape (items,)."""
    starts = np.cumsum(counts) - counts
    found: npt.NDArray[np.int64] = np.repeat(first - starts, counts)
    return found + np.arange(len(found))
