"""The Parquet encoding and the Arrow field of each column, chosen from its type and generator."""

from __future__ import annotations

import pyarrow as pa

from datagen.columnar.block import Type
from datagen.columnar.nested import nested_type

_ARROW = {
    "int": pa.int64(), "float": pa.float64(), "decimal": pa.float64(), "bool": pa.bool_(), "text": pa.string(),
    "timestamp": pa.timestamp("us"), "date": pa.date32(), "duration": pa.duration("us"),
}  # fmt: skip
_BYTES = {
    "int": 8,
    "float": 8,
    "decimal": 8,
    "bool": 1,
    "text": 28,
    "category": 4,
    "timestamp": 8,
    "date": 8,
    "duration": 8,
}
_DISK = {
    "int": 3.0,
    "float": 7.5,
    "decimal": 6.5,
    "bool": 0.2,
    "text": 14.0,
    "category": 0.5,
    "timestamp": 6.5,
    "date": 2.5,
    "duration": 6.0,
}


def arrow_type(type_: Type, codes: int = 8) -> pa.DataType:
    """The Arrow type of a column in the file; `codes` are the bits of a category's codes."""
    if type_.name == "category":
        return pa.dictionary({8: pa.int8(), 16: pa.int16(), 32: pa.int32()}[codes], pa.string())
    if type_.zone:
        return pa.timestamp("us", type_.zone)
    return nested_type(type_) if type_.nested else _ARROW[type_.name]


def encoding(type_: Type, *, key: bool) -> str:
    """Delta for whole numbers and times, dictionary for categories, byte-stream-split for floats (measured).

    Byte-stream-split of whole numbers is newer: DuckDB before 2.0 and others do not read such times.
    """
    if type_.name == "category":
        return "dictionary"
    if type_.name in ("int", "date", "timestamp", "duration") or key:
        return "delta"
    return "byte_stream_split" if type_.name in ("float", "decimal") else "plain"


USUAL = 64
"""Texts of at most this many bytes are counted with their average size."""


def memory_bytes(type_: Type, longest: int | None = None) -> int:
    """Bytes of one cell in memory. Texts that can be longer than `USUAL` are counted with their maximum, as in a write
    buffer.
    """
    if type_.textual and longest is not None and longest > USUAL:
        return 4 + longest
    if type_.nested:
        return max(longest or 0, 16)
    return _BYTES[type_.name]


def disk_bytes(type_: Type) -> float:
    """Approximate bytes of one cell in a compressed file."""
    if type_.nested:
        return sum(disk_bytes(part) for _, part, _ in type_.parts) * (1.0 if type_.name == "struct" else 3.0)
    return _DISK[type_.name]
