"""Numbers, booleans and times as text, the same on every machine."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import Column
from datagen.columnar.text import text_array
from datagen.expressions.runtime.arrow_bridge import as_text, floats, integers, mask


def show(cells: Column) -> pa.Array:
    """Cells as a string array: decimals with all their digits, times as `2024-01-31 10:30:00`."""
    name = cells.type.name
    if cells.type.textual:
        return as_text(cells)
    if name == "bool":
        return text_array(["false", "true"]).take(integers(cells.data.astype(np.int64)))
    if name == "float":
        return _floats(cells)
    if name == "decimal":
        return _decimals(cells)
    if name == "timestamp":
        return _stamped(cells)
    if name == "date":
        return integers(cells.data).cast(pa.int32(), safe=False).cast(pa.date32()).cast(pa.string())
    return integers(cells.data).cast(pa.string())


def _floats(cells: Column) -> pa.Array:
    """The shortest digits that parse as the same number, with `.0` for whole ones."""
    text = floats(cells.data).cast(pa.string())
    return pc.replace_substring_regex(text, pattern=r"^(-?\d+)$", replacement=r"\1.0")


def _decimals(cells: Column) -> pa.Array:
    unit = 10**cells.type.scale
    # the magnitude of the smallest int64 needs uint64
    size = np.abs(cells.data).view(np.uint64)
    whole = integers((size // unit).astype(np.int64)).cast(pa.string())
    fraction = integers((size % unit).astype(np.int64)).cast(pa.string())
    padded = pc.utf8_lpad(fraction, width=cells.type.scale, padding="0")
    sign = pc.if_else(mask(cells.data < 0), "-", "")
    return pc.binary_join_element_wise(pc.binary_join_element_wise(sign, whole, ""), padded, ".")


def _stamped(cells: Column) -> pa.Array:
    text = integers(cells.data).view(pa.timestamp("us")).cast(pa.string())
    return pc.replace_substring_regex(text, pattern=r"\.?0+$", replacement="")
