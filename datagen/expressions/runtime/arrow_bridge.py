"""Conversions between numpy and Arrow without copies and without importing pandas."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import CATEGORY, TEXT, Bools, Column, Ints, as_numpy
from datagen.columnar.text import text_array

Codes = npt.NDArray[np.int32]


def integers(numbers: Ints) -> pa.Array:
    """An int64 array over the same memory."""
    return pa.Array.from_buffers(
        pa.int64(), len(numbers), [None, pa.py_buffer(np.ascontiguousarray(numbers, np.int64))]
    )


def floats(numbers: npt.NDArray[np.float64]) -> pa.Array:
    """A float64 array over the same memory."""
    return pa.Array.from_buffers(pa.float64(), len(numbers), [None, pa.py_buffer(np.ascontiguousarray(numbers))])


def mask(bools: Bools) -> pa.Array:
    """A boolean Arrow array."""
    packed = np.packbits(bools, bitorder="little")
    return pa.Array.from_buffers(pa.bool_(), len(bools), [None, pa.py_buffer(packed)])


def as_bools(array: pa.Array) -> Bools:
    """A boolean Arrow array without nulls as numpy."""
    found: Bools = as_numpy(array)
    return found


def as_numbers(array: pa.Array, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
    """The data of a primitive Arrow array as numpy, ignoring nulls."""
    if not len(array):
        return np.zeros(0, dtype)
    return np.frombuffer(array.buffers()[1], dtype)[array.offset : array.offset + len(array)]


def clean(values: Column) -> Column:
    """A column as the evaluation expects it: `string` arrays, nulls only in `valid`."""
    if values.type.name == "category" and values.dictionary is not None and values.dictionary.type != pa.string():
        return Column(values.type, values.data, values.valid, values.dictionary.cast(pa.string()))
    if values.type.name != "text":
        return values
    data = values.data if values.data.type == pa.string() else values.data.cast(pa.string())
    if not data.null_count:
        return Column(TEXT, data, values.valid)
    present = as_bools(data.is_valid())
    return Column(TEXT, pc.fill_null(data, ""), present if values.valid is None else values.valid & present)


def some_words(values: Column) -> pa.Array:
    """The dictionary of a category, with at least one word, so that `take` works."""
    return values.dictionary if values.dictionary is not None and len(values.dictionary) else text_array([""])


def as_text(values: Column) -> pa.Array:
    """Text or a category as a string array; missing cells are arbitrary."""
    if values.type.name != "category":
        return values.data
    words = some_words(values)
    codes = values.data if values.valid is None else np.where(values.valid, values.data, 0)
    return words.take(integers(codes))


def as_category(values: Column) -> Column:
    """Text or a category as a category."""
    if values.type.name == "category":
        return values
    if values.valid is None or len(values.valid) != len(values.data):
        coded = values.data.dictionary_encode()
        return Column(CATEGORY, as_numbers(coded.indices, np.int32), None, coded.dictionary)
    # the data of missing cells must not become a word
    coded = values.data.filter(mask(values.valid)).dictionary_encode()
    codes = np.zeros(len(values.data), np.int32)
    codes[values.valid] = as_numbers(coded.indices, np.int32)
    return Column(CATEGORY, codes, values.valid, coded.dictionary)


def joined(parts: Sequence[Column]) -> tuple[pa.Array, list[Codes]]:
    """One dictionary without duplicates for several categories, and for each the new code of each old one."""
    filled = [part.dictionary for part in parts if part.dictionary is not None and len(part.dictionary)]
    first = filled[0][:1] if filled else text_array([""])
    dictionaries = [
        part.dictionary if part.dictionary is not None and len(part.dictionary) else first for part in parts
    ]
    union = pc.unique(pa.concat_arrays(dictionaries))
    return union, [as_numbers(pc.index_in(words, value_set=union), np.int32) for words in dictionaries]


def look_up(table: npt.NDArray[Any], codes: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """`table[codes]`, where the codes of missing cells are arbitrary."""
    return np.take(table, codes, mode="clip")
