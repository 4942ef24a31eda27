"""Converts columns of files to the declared types. Cells that do not fit are counted, not refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columnar.block import CATEGORY, CONVERSION_ERRORS, TEXT, Bools, Column, Ints, Type, as_numpy, indices
from datagen.columnar.nested import from_json, from_python, nested_type
from datagen.columnar.text import text_array
from datagen.validation.inputs.parse_text import DOUBLE, EXACT, parsed
from datagen.validation.inputs.plain_types import original_type
from datagen.validation.metrics.base import TypeMismatch

NOWHERE: Ints = np.zeros(0, np.int64)
FITS = TypeMismatch("", NOWHERE)
_SINGLE = 2.0**-23
"""The relative error of a number in single precision."""


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """A column of the declared type, and its misfits. Cells that do not fit are missing."""

    values: Column
    type_mismatch: TypeMismatch = FITS

    def with_original_types(self, fields: Sequence[pa.Field], type_: Type) -> Cast:
        """The same, if a file has the column in a type that does not fit; `fields` are those of
        `plain`, one per file.
        """
        for field in fields:
            message = original_type(field)
            nested = type_.nested and pa.types.is_nested(field.type)
            if message or not (nested or pa.types.is_null(field.type) or _FITTING[type_.name](field.type)):
                return replace(
                    self, type_mismatch=TypeMismatch(f"has type {message or field.type}, declared is {type_}", NOWHERE)
                )
        return self


def cast(column: pa.ChunkedArray, type_: Type, words: tuple[str, ...], typed: bool) -> Cast:
    """The cells as `type_`; `words` are the declared values of a category. `typed` says whether the file format has
    types.
    """
    array = _whole(column)
    if pa.types.is_null(array.type):
        array = pa.nulls(len(array), pa.string())
        typed = False
    if type_.nested:
        return _nested(array, type_)
    if type_.textual:
        return Cast(_category(array, words) if type_.name == "category" else _text(array), _type_problem(array, type_))
    if _is_text(array.type):
        data, read = parsed(_decoded(array), type_)
        return _checked(Column(type_, data), array, read, _type_problem(array, type_) if typed else FITS)
    data, good = _CASTERS[type_.name](_decoded(array), type_)
    type_mismatch = _type_problem(array, type_) if typed else FITS
    return _checked(Column(type_, data), array, good, type_mismatch)


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        column = column.unify_dictionaries()
    array = column.combine_chunks()
    return pa.concat_arrays(array.chunks) if isinstance(array, pa.ChunkedArray) else array


def _decoded(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _is_text(type_: pa.DataType) -> bool:
    inner = type_.value_type if pa.types.is_dictionary(type_) else type_
    return bool(pa.types.is_string(inner) or pa.types.is_large_string(inner) or pa.types.is_string_view(inner))


def _valid(array: pa.Array) -> Bools | None:
    if not array.null_count:
        return None
    valid: Bools = as_numpy(array.is_valid())
    return valid


def _checked(values: Column, array: pa.Array, good: Bools | None, type_mismatch: TypeMismatch) -> Cast:
    """The values without bad cells. NaN was counted as missing before."""
    valid = _valid(array)
    if pa.types.is_floating(array.type):
        number = ~np.isnan(as_numpy(array.fill_null(0)))
        valid = None if number.all() and valid is None else number if valid is None else number & valid
    if good is None or good.all():
        return Cast(Column(values.type, values.data, valid, values.dictionary), type_mismatch)
    bad = ~good if valid is None else ~good & valid
    at = np.flatnonzero(bad)
    kept = ~bad if valid is None else valid & ~bad
    message = type_mismatch.message or f"cannot be read as {values.type}"
    return Cast(
        Column(values.type, values.data, kept, values.dictionary),
        TypeMismatch(message, at) if len(at) else type_mismatch,
    )


# --- structs, lists and maps ------------------------------------------------------------------------------------------


def _nested(array: pa.Array, type_: Type) -> Cast:
    """Nested cells, from JSON text too. If one does not fit, none can be read."""
    arrow_type, valid = nested_type(type_), _valid(array)
    try:
        if _is_text(array.type):
            found = from_json(_decoded(array).cast(pa.string()), arrow_type)
        elif array.type == arrow_type:
            found = array
        else:
            found = from_python(_entries(array.to_pylist(), type_), arrow_type)
    except (pa.ArrowException, ValueError, TypeError):
        type_mismatch = TypeMismatch(f"has type {array.type}, declared is {type_}", NOWHERE)
        return Cast(Column(type_, pa.nulls(len(array), arrow_type), np.zeros(len(array), np.bool_)), type_mismatch)
    return Cast(Column(type_, found, valid))


def _entries(cells: list[Any], type_: Type) -> list[Any]:
    """The cells as a JSON reader gives them: maps that were read as structs have no entries for absent keys."""
    if type_.name != "map":
        return cells
    return [
        {key: value for key, value in cell.items() if value is not None} if isinstance(cell, dict) else cell
        for cell in cells
    ]


# --- text and categories ---------------------------------------------------------------------------------------------


def _type_problem(array: pa.Array, type_: Type) -> TypeMismatch:
    """The problem of the type of the whole column."""
    if _FITTING[type_.name](array.type):
        return FITS
    return TypeMismatch(f"has type {array.type}, declared is {type_}", NOWHERE)


def _as_text(array: pa.Array) -> pa.Array:
    """Text of any Arrow type as plain text; cells that cannot be text are missing."""
    try:
        return _decoded(array).cast(pa.string())
    except CONVERSION_ERRORS:
        return pa.nulls(len(array), pa.string())


def _text(array: pa.Array) -> Column:
    text = _as_text(array)
    return Column(TEXT, text.fill_null("") if text.null_count else text, _valid(text))


def _category(array: pa.Array, words: tuple[str, ...]) -> Column:
    """Codes into the declared words; other words are appended in order of appearance."""
    sound = pa.types.is_dictionary(array.type) and _is_text(array.type) and not array.dictionary.null_count
    encoded = array if sound else _as_text(array).dictionary_encode()
    own, declared = encoded.dictionary.cast(pa.string()), text_array(words)
    places = as_numpy(pc.index_in(own, declared).fill_null(-1)).astype(np.int32)
    new = np.flatnonzero(places < 0)
    places[new] = len(words) + np.arange(len(new), dtype=np.int32)
    every = pa.concat_arrays([declared, own.take(indices(new))]) if len(new) else declared
    codes = as_numpy(encoded.indices.fill_null(0))
    data = places[codes] if len(places) else np.zeros(len(codes), np.int32)
    return Column(CATEGORY, data, _valid(encoded), every)


# --- numbers and times -----------------------------------------------------------------------------------------------

Caster = Callable[[pa.Array, Type], "tuple[Any, Bools | None]"]


def _numpy(array: pa.Array) -> Any:
    return as_numpy(array.fill_null(0) if array.null_count else array)


def _whole_numbers(array: pa.Array, type_: Type) -> tuple[Any, Bools | None]:
    """Integers, or minor units of a decimal."""
    if pa.types.is_decimal(array.type):
        return _from_decimals(array, type_)
    if pa.types.is_floating(array.type):
        coarse = DOUBLE if pa.types.is_float64(array.type) else _SINGLE
        return _from_floats(_numpy(array).astype(np.float64), type_, coarse)
    if not pa.types.is_integer(array.type):
        return _none(array)
    whole, most = _numpy(array).astype(np.int64), 2**62 // 10**type_.scale
    fits = (whole >= -most) & (whole <= most)
    return np.where(fits, whole, 0) * 10**type_.scale if type_.scale else whole, None if not type_.scale else fits


def _from_floats(numbers: Any, type_: Type, relative: float) -> tuple[Any, Bools | None]:
    with np.errstate(over="ignore"):
        scaled = numbers * float(10**type_.scale)
    whole = np.rint(np.where(np.isfinite(scaled), scaled, 0.0))
    with np.errstate(invalid="ignore"):
        good = (np.abs(scaled - whole) <= np.maximum(EXACT, relative * np.abs(scaled))) & (np.abs(whole) < 2.0**62)
        good &= np.isfinite(scaled) | np.isnan(numbers)  # infinite values have no tolerance
    return np.clip(whole, -(2.0**62), 2.0**62).astype(np.int64), good


def _from_decimals(array: pa.Array, type_: Type) -> tuple[Any, Bools | None]:
    """128-bit integers, by their low words, if they fit; finer decimals than declared do not."""
    wide = array.cast(pa.decimal128(38, array.type.scale)).fill_null(0)
    words = np.frombuffer(wide.buffers()[1], np.int64)[2 * wide.offset : 2 * (wide.offset + len(wide))].reshape(-1, 2)
    low, fits = words[:, 0], words[:, 1] == words[:, 0] >> 63
    steps = type_.scale - array.type.scale
    if steps >= 0:
        most = 2**62 // 10**steps
        fits &= (low >= -most) & (low <= most)
        return np.where(fits, low, 0) * 10**steps, fits
    return low // 10**-steps, fits & (low % 10**-steps == 0)


def _numbers(array: pa.Array, _: Type) -> tuple[Any, Bools | None]:
    if not (pa.types.is_floating(array.type) or pa.types.is_integer(array.type) or pa.types.is_decimal(array.type)):
        return _none(array)
    numbers = np.asarray(_numpy(array.cast(pa.float64())), np.float64)
    return np.where(np.isfinite(numbers), numbers, 0.0), np.isfinite(numbers) | np.isnan(numbers)


def _flags(array: pa.Array, _: Type) -> tuple[Any, Bools | None]:
    if pa.types.is_boolean(array.type):
        return _numpy(array.fill_null(False)).astype(np.bool_), None
    if not pa.types.is_integer(array.type):
        return _none(array, np.bool_)
    numbers = _numpy(array)
    return numbers == 1, (numbers == 0) | (numbers == 1)


def _times(array: pa.Array, type_: Type) -> tuple[Any, Bools | None]:
    """Instants in microseconds, dates in days, durations in microseconds."""
    unit = {
        "timestamp": pa.timestamp("us", getattr(array.type, "tz", None)),
        "date": pa.date32(),
        "duration": pa.duration("us"),
    }
    if pa.types.is_integer(array.type) and type_.name == "duration":
        return _numpy(array).astype(np.int64), None
    if not pa.types.is_temporal(array.type) or pa.types.is_duration(array.type) != (type_.name == "duration"):
        return _none(array)
    there = array.cast(unit[type_.name], safe=False)
    whole = there.cast(pa.int32() if type_.name == "date" else pa.int64())
    return _numpy(whole).astype(np.int64), None


def _none(array: pa.Array, dtype: type = np.int64) -> tuple[Any, Bools]:
    return np.zeros(len(array), dtype), np.zeros(len(array), np.bool_)


_CASTERS: dict[str, Caster] = {
    "int": _whole_numbers, "decimal": _whole_numbers, "float": _numbers, "bool": _flags, "timestamp": _times,
    "date": _times, "duration": _times,
}  # fmt: skip
_NUMERIC = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal)
_FITTING: dict[str, Callable[[pa.DataType], bool]] = {
    "struct": pa.types.is_struct,
    "list": pa.types.is_list,
    "map": pa.types.is_map,
    "int": lambda type_: any(is_(type_) for is_ in _NUMERIC),  # many tools store integers with nulls as floats
    "decimal": lambda type_: any(is_(type_) for is_ in _NUMERIC),
    "float": lambda type_: any(is_(type_) for is_ in _NUMERIC),
    "bool": pa.types.is_boolean,
    "text": _is_text,
    "category": _is_text,
    "timestamp": pa.types.is_timestamp,
    "date": pa.types.is_date,
    "duration": lambda type_: pa.types.is_duration(type_) or pa.types.is_integer(type_),
}
