"""Converts columns of any Arrow type to the few types that all functions here support.

Some types of other writers make Arrow's functions fail: times outside Python's years, unknown time zones, integers of
256 bits. Such a column becomes text or bytes, and the metadata of its field names its original type for the report.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
import pyarrow.compute as pc

_STANDS = b"stands"
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_DAY = 86_400
_FIRST, _LAST = (day.toordinal() - date(1970, 1, 1).toordinal() for day in (date.min, date.max))
_MOST_SCALE = 18
"""Decimals with more digits after the point are read as floats."""
_FAILS = (pa.ArrowException, ValueError, TypeError, OverflowError)

Plain = tuple[pa.ChunkedArray, str]
"""A column, and its original type if no declared type fits it; else empty text."""


def plain(table: pa.Table) -> pa.Table:
    """The table with columns of supported types; `original_type` gives the original type of unsupported ones."""
    fields, columns = [], []
    for field, column in zip(table.schema, table.columns, strict=True):
        made, original_type = _plain(column)
        fields.append(pa.field(field.name, made.type, metadata={_STANDS: original_type} if original_type else None))
        columns.append(made)
    return pa.table(columns, schema=pa.schema(fields)) if columns else table


def original_type(field: pa.Field) -> str:
    """The original type of a column of `plain`, if it is unsupported; else empty text."""
    message: bytes = (field.metadata or {}).get(_STANDS, b"")
    return message.decode()


def joined(parts: list[pa.Table]) -> pa.Table:
    """The concatenated tables of several files. A column that a file lacks is missing there; one of several types
    becomes text.
    """
    if len(parts) == 1:
        return parts[0]
    try:
        return pa.concat_tables(parts, promote_options="permissive")
    except _FAILS:
        names = dict.fromkeys(name for part in parts for name in part.column_names)
        mixed = {name for name in names if not _alike([p.select([name]) for p in parts if name in p.column_names])}
        return pa.concat_tables([_as_text(part, mixed) for part in parts], promote_options="permissive")


def _alike(parts: list[pa.Table]) -> bool:
    try:
        pa.concat_tables(parts, promote_options="permissive")
    except _FAILS:
        return False
    return True


def _as_text(part: pa.Table, names: set[str]) -> pa.Table:
    for at, field in enumerate(part.schema):
        if field.name in names:
            column = _text_of(part.column(at))
            part = part.set_column(at, pa.field(field.name, pa.string(), metadata=field.metadata), column)
    return part


def _text_of(column: pa.ChunkedArray) -> pa.ChunkedArray:
    try:
        decoded = column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        return decoded.cast(pa.string())
    except _FAILS:
        return pa.chunked_array([pa.nulls(len(column), pa.string())])


def _plain(column: pa.ChunkedArray) -> Plain:
    try:
        return _made(column)
    except _FAILS:
        return _opaque(column)


def _made(column: pa.ChunkedArray) -> Plain:
    type_ = column.type
    if isinstance(type_, pa.BaseExtensionType):
        return _made(pa.chunked_array([chunk.storage for chunk in column.chunks], type_.storage_type))
    if pa.types.is_dictionary(type_):
        return (column, "") if pa.types.is_string(type_.value_type) else _made(column.cast(type_.value_type))
    if pa.types.is_run_end_encoded(type_):
        return _made(pa.chunked_array([pc.run_end_decode(chunk) for chunk in column.chunks], type_.value_type))
    for is_, make in _MAKERS:
        if is_(type_):
            return make(column)
    return _opaque(column)


def _same(column: pa.ChunkedArray) -> Plain:
    return column, ""


def _large_text(column: pa.ChunkedArray) -> Plain:
    return column.cast(pa.string()), ""


def _bytes(column: pa.ChunkedArray) -> Plain:
    return column.cast(pa.binary()), str(column.type)


def _unsigned(column: pa.ChunkedArray) -> Plain:
    most = pc.max(column).as_py()
    if most is not None and most > 2**63 - 1:
        return column.cast(pa.string()), "uint64 with numbers of 2^63 and more"
    return column.cast(pa.int64()), ""


def _decimals(column: pa.ChunkedArray) -> Plain:
    if 0 <= column.type.scale <= _MOST_SCALE:
        try:
            return column.cast(pa.decimal128(38, column.type.scale)), ""
        except pa.ArrowInvalid:  # more digits than 128 bits hold
            pass
    return column.cast(pa.float64()), ""


def _half(column: pa.ChunkedArray) -> Plain:
    return column.cast(pa.float32()), ""


def _timestamps(column: pa.ChunkedArray) -> Plain:
    type_ = column.type
    per = _PER_SECOND[type_.unit]
    target = pa.timestamp("us", type_.tz if type_.tz is None or _known(type_.tz) else "UTC")
    bare = column.cast(pa.int64())
    if _within(bare, _FIRST * _DAY * per, (_LAST + 1) * _DAY * per - 1):
        return bare.cast(pa.timestamp(type_.unit, target.tz)).cast(target, safe=False), ""
    return _beyond(bare, pa.timestamp(type_.unit), _FIRST * _DAY * per, (_LAST + 1) * _DAY * per - 1)


def _dates(column: pa.ChunkedArray) -> Plain:
    wide = pa.types.is_date64(column.type)
    bare = column.cast(pa.int64() if wide else pa.int32()).cast(pa.int64())
    per = _DAY * 1000 if wide else 1
    if _within(bare, _FIRST * per, (_LAST + 1) * per - 1):
        return column.cast(pa.date32(), safe=False), ""
    seconds = pc.multiply(bare, 1 if wide else _DAY)
    unit = pa.timestamp("ms" if wide else "s")
    per = _DAY * 1000 if wide else _DAY
    made, _ = _beyond(seconds, unit, _FIRST * per, (_LAST + 1) * per - 1)
    return made, f"{column.type} with days outside of the years 1 to 9999"


def _durations(column: pa.ChunkedArray) -> Plain:
    most = 2**63 // (10**6 // min(_PER_SECOND[column.type.unit], 10**6)) - 1
    if _within(column.cast(pa.int64()), -most, most):
        return column.cast(pa.duration("us"), safe=False), ""
    return _opaque(column)


def _beyond(bare: pa.ChunkedArray, type_: pa.DataType, low: int, high: int) -> Plain:
    """Instants as text. Instants outside the calendar become words that no parser accepts."""
    inside = pc.and_(pc.greater_equal(bare, low), pc.less_equal(bare, high))
    known = pc.if_else(inside, bare, pa.scalar(None, pa.int64())).cast(type_).cast(pa.timestamp("us"), safe=False)
    words = pc.if_else(inside, known.cast(pa.string()), "outside of the years 1 to 9999")
    return words, f"{type_} with times outside of the years 1 to 9999"


def _within(numbers: pa.ChunkedArray, low: int, high: int) -> bool:
    found = pc.min_max(numbers)
    least, most = found["min"].as_py(), found["max"].as_py()
    return least is None or bool(low <= least and most <= high)


@lru_cache(maxsize=256)
def _known(zone: str) -> bool:
    try:
        ZoneInfo(zone)
        pa.array([0], pa.timestamp("us", zone))[0].as_py()
    except (ZoneInfoNotFoundError, ValueError, KeyError, OSError, pa.ArrowException):
        return False
    return True


def _opaque(column: pa.ChunkedArray) -> Plain:
    """A column of an unsupported type: uninterpreted bytes, missing where it is missing."""
    try:
        cells = pc.if_else(column.is_valid(), pa.scalar(b"", pa.binary()), pa.scalar(None, pa.binary()))
    except _FAILS:
        cells = pa.chunked_array([pa.array([b""] * len(column), pa.binary())])
    return cells, str(column.type)[:80]


def _small(type_: pa.DataType) -> bool:
    known = (
        pa.types.is_boolean,
        pa.types.is_signed_integer,
        pa.types.is_float32,
        pa.types.is_float64,
        pa.types.is_string,
    )
    return pa.types.is_null(type_) or any(is_(type_) for is_ in known)


def _any_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_large_string(type_) or pa.types.is_string_view(type_))


def _any_bytes(type_: pa.DataType) -> bool:
    kinds = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(is_(type_) for is_ in kinds)


_MAKERS: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.ChunkedArray], Plain]], ...] = (
    (_small, _same),
    (pa.types.is_nested, _same),
    (_any_text, _large_text),
    (_any_bytes, _bytes),
    (pa.types.is_unsigned_integer, _unsigned),
    (pa.types.is_decimal, _decimals),
    (pa.types.is_float16, _half),
    (pa.types.is_timestamp, _timestamps),
    (pa.types.is_date, _dates),
    (pa.types.is_duration, _durations),
)
