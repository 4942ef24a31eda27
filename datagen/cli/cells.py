"""Formats cells of a table as text, also years after 9999."""

from __future__ import annotations

import datetime as dt
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def texts(column: pa.ChunkedArray) -> list[str | None]:
    """Each cell of a column as text; None if it is missing."""
    type_ = column.type
    if pa.types.is_timestamp(type_):
        return [None if at is None else instant_text(at) for at in column.cast(pa.int64()).to_pylist()]
    if pa.types.is_date(type_):
        return [None if day is None else _numpy_text(day, "D") for day in column.cast(pa.int32()).to_pylist()]
    if pa.types.is_duration(type_):
        return [None if span is None else str(dt.timedelta(microseconds=span)) for span in _whole(column)]
    if pa.types.is_boolean(type_):
        return [None if cell is None else str(cell).lower() for cell in column.to_pylist()]
    return [None if cell is None else str(cell) for cell in column.to_pylist()]


def instant_text(micros: int) -> str:
    """Microseconds since 1970 as a date and time, with a fraction of a second only if there is one."""
    return _numpy_text(micros, "us").replace("T", " ").removesuffix(".000000")


def _numpy_text(count: int, unit: Literal["D", "us"]) -> str:
    """numpy formats every year that 64 bits can hold; Python's calendar ends at 9999."""
    return str(np.datetime64(count, unit))


def _whole(column: pa.ChunkedArray) -> list[int | None]:
    counts: list[int | None] = pc.cast(column, pa.int64()).to_pylist()
    return counts


def type_text(type_: pa.DataType) -> str:
    """The type of a column as one word."""
    text = str(type_)
    if text.startswith("dictionary"):
        return "category"
    return {"timestamp[us]": "timestamp", "date32[day]": "date", "duration[us]": "duration", "double": "float64"}.get(
        text, text
    )
