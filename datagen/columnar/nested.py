"""Cells that hold several values: structs, lists and maps, as Arrow arrays; their JSON text, and back."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import Bools, Ints, Type, as_numpy, indices

_LEAVES = {
    "int": pa.int64(), "float": pa.float64(), "decimal": pa.float64(), "bool": pa.bool_(), "text": pa.string(),
    "category": pa.string(), "timestamp": pa.timestamp("us"), "date": pa.date32(), "duration": pa.duration("us"),
}  # fmt: skip


def nested_type(type_: Type) -> pa.DataType:
    """The Arrow type of a logical type, as it is within a nested column: categories are text."""
    if type_.zone:
        return pa.timestamp("us", type_.zone)
    if not type_.parts:
        return _LEAVES[type_.name]
    fields = [pa.field(name, nested_type(part), nullable=nullable) for name, part, nullable in type_.parts]
    if type_.name == "struct":
        return pa.struct(fields)
    if type_.name == "list":
        return pa.list_(fields[0].with_name("element"))
    return pa.map_(fields[0].type, fields[1])


def offsets(counts: Ints) -> pa.Array:
    """The offsets of lists with these lengths, int32 (n + 1,)."""
    ends = np.zeros(len(counts) + 1, np.int32)
    np.cumsum(counts, out=ends[1:])
    return indices(ends)


def masked(array: pa.Array, valid: Bools | None) -> pa.Array:
    """Cells without nulls, made null where they are not valid. Lists and maps lose the items of such cells."""
    if valid is None:
        return array
    type_, bits = array.type, pa.py_buffer(np.packbits(valid, bitorder="little"))
    if pa.types.is_struct(type_):
        return pa.Array.from_buffers(type_, len(array), [bits], children=array.flatten())
    counts = lengths(array)
    kept = indices(np.flatnonzero(np.repeat(valid, counts)))
    parts = (array.keys, array.items) if pa.types.is_map(type_) else (array.values,)
    items = [inside(array, part).take(kept) for part in parts]
    if pa.types.is_map(type_):
        items = [pa.StructArray.from_arrays(items, fields=[type_.key_field, type_.item_field])]
    ends = offsets(np.where(valid, counts, 0)).buffers()[1]
    return pa.Array.from_buffers(type_, len(array), [bits, ends], children=items)


# --- JSON text -------------------------------------------------------------------------------------------------------


def json_cells(column: pa.Array) -> pa.Array:
    """Each cell as JSON text; null if it is missing or a number that is not finite. Times are ISO 8601 text, durations
    microseconds, maps objects.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return json_cells(column.dictionary).take(column.indices)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _quoted(column.cast(pa.string()))
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_finite(column), column, pa.nulls(1, kind)[0]).cast(pa.string())
    if pa.types.is_temporal(kind) and not pa.types.is_duration(kind):
        return _between_quotes(pc.replace_substring(utc_text(column), " ", "T"))
    if pa.types.is_struct(kind):
        return _nulled(_object(kind, column.flatten()), column)
    if pa.types.is_map(kind):
        texts = [json_cells(inside(column, part)) for part in (column.keys, column.items)]
        items = pc.binary_join_element_wise(texts[0], pc.fill_null(texts[1], "null"), ":")
        return _nulled(_joined(column, items, "{}"), column)
    if pa.types.is_list(kind):
        items = pc.fill_null(json_cells(inside(column, column.values)), "null")
        return _nulled(_joined(column, items, "[]"), column)
    return column.cast(pa.string())


def array_cells(column: pa.Array) -> pa.Array:
    """Each list of scalars as an array literal of PostgreSQL, such as `{"a","b",NULL}`."""
    items = inside(column, column.values)
    kind = items.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        escaped = pc.replace_substring(pc.replace_substring(items.cast(pa.string()), "\\", "\\\\"), '"', '\\"')
        texts = _between_quotes(escaped)
    else:
        texts = _between_quotes(utc_text(items)) if pa.types.is_timestamp(kind) else items.cast(pa.string())
    return _nulled(_joined(column, pc.fill_null(texts, "NULL"), "{}"), column)


def utc_text(column: pa.Array) -> pa.Array:
    """Times as text. Those with a time zone are instants, in UTC with a Z."""
    if not pa.types.is_timestamp(column.type) or column.type.tz is None:
        return column.cast(pa.string())
    return pc.binary_join_element_wise(column.cast(pa.timestamp("us")).cast(pa.string()), "Z", "")


def _object(kind: pa.StructType, children: list[pa.Array]) -> pa.Array:
    parts: list[Any] = []
    for i, child in enumerate(children):
        opening = ("," if parts else "{") + json.dumps(kind.field(i).name, ensure_ascii=False) + ":"
        parts += [opening, pc.fill_null(json_cells(child), "null")]
    return pc.binary_join_element_wise(*parts, "}", "")


def inside(column: pa.Array, part: pa.Array) -> pa.Array:
    """The keys or items of the cells of a list or map, which may be a slice."""
    ends = as_numpy(column.offsets)
    return part.slice(int(ends[0]), int(ends[-1] - ends[0])) if len(ends) else part.slice(0, 0)


def _joined(column: pa.Array, items: pa.Array, brackets: str) -> pa.Array:
    """The items of each list or map between brackets."""
    lists = pa.ListArray.from_arrays(offsets(lengths(column)), items)
    return pc.binary_join_element_wise(brackets[0], pc.binary_join(lists, ","), brackets[1], "")


def lengths(column: pa.Array) -> Ints:
    """The items of each cell of a list or map, int64 (n,)."""
    found: Ints = np.diff(as_numpy(column.offsets)).astype(np.int64)
    return found


def _nulled(text: pa.Array, column: pa.Array) -> pa.Array:
    return pc.if_else(column.is_valid(), text, None) if column.null_count else text


def _quoted(text: pa.Array) -> pa.Array:
    if pc.any(pc.match_substring_regex(text, r"[\x00-\x1f]")).as_py():  # rare: control characters need JSON escapes
        return pa.array(
            [None if v is None else json.dumps(v, ensure_ascii=False) for v in text.to_pylist()], pa.string()
        )
    return _between_quotes(pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"'))


def _between_quotes(text: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise('"', text, '"', "")


# --- from JSON -------------------------------------------------------------------------------------------------------


def from_json(texts: pa.Array, type_: pa.DataType) -> pa.Array:
    """Cells of a nested type from JSON text. Raises ValueError or ArrowInvalid for other text."""
    return from_python([None if text is None else json.loads(text) for text in texts.to_pylist()], type_)


def from_python(cells: list[Any], type_: pa.DataType) -> pa.Array:
    """Cells of a type from what a JSON reader gives: objects, lists, numbers, texts. Raises ValueError or
    ArrowInvalid.
    """
    if pa.types.is_struct(type_):
        return pa.array([None if cell is None else _fields(cell, type_) for cell in cells], type_)
    return pa.array([_value(cell, type_) for cell in cells], type_)


def _fields(cell: Any, type_: pa.StructType) -> dict[str, Any]:
    if not isinstance(cell, dict) or not cell.keys() <= {type_.field(i).name for i in range(type_.num_fields)}:
        raise ValueError(f"{str(cell)[:60]} is not a {type_}")
    return {f.name: _value(cell.get(f.name), f.type) for f in (type_.field(i) for i in range(type_.num_fields))}


def _value(cell: Any, type_: pa.DataType) -> Any:
    if cell is None:
        return None
    if pa.types.is_struct(type_):
        return _fields(cell, type_)
    if pa.types.is_map(type_):
        pairs = cell.items() if isinstance(cell, dict) else cell
        return [(key, _value(value, type_.item_type)) for key, value in pairs]
    if pa.types.is_list(type_):
        return [_value(item, type_.value_type) for item in cell]
    if pa.types.is_temporal(type_) and isinstance(cell, str):
        return pa.array([cell]).cast(type_)[0].as_py()
    if isinstance(cell, Decimal | float):
        return Decimal(str(cell)) if pa.types.is_decimal(type_) else float(cell)
    return cell
