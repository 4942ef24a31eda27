"""Concatenates texts row by row."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.text import Bytes, buffers
from datagen.columnar.text import strings as over_bytes
from datagen.expressions.runtime.arrow_bridge import strings


def concat(parts: Sequence[pa.Array]) -> pa.Array:
    """The concatenated parts of each row; a part of one cell is used for every row. No part has nulls."""
    n = next((len(part) for part in parts if len(part) != 1), 1)
    even = [_even(part) for part in parts] if n > 1 else [None]
    wide = [cells for cells in even if cells is not None]
    if len(wide) == len(parts):
        return _side_by_side([cells for cells in wide if cells.shape[1]], n)
    single = [part[0] if len(part) == 1 and n != 1 else part for part in parts]
    return pc.binary_join_element_wise(*single, strings([""])[0])


def _even(part: pa.Array) -> Bytes | None:
    """The bytes of texts of equal length, shape (cells, length); None if lengths differ."""
    content, offsets = buffers(part)
    length = int(offsets[1])
    even = len(part) == 1 or bool((offsets[1:] - offsets[:-1] == length).all())
    return content.reshape(len(part), length) if even else None


def _side_by_side(parts: Sequence[Bytes], n: int) -> pa.Array:
    """Cells of fixed widths, copied a column at a time, which is much faster than cell by cell."""
    if not parts:
        return over_bytes(np.empty(0, np.uint8), np.zeros(n + 1, np.int32))
    cells = np.empty(n, [(str(i), f"V{part.shape[1]}") for i, part in enumerate(parts)])
    for i, part in enumerate(parts):
        cells[str(i)] = part.reshape(-1).view(f"V{part.shape[1]}")
    return over_bytes(cells.view(np.uint8), np.arange(n + 1) * cells.itemsize)
