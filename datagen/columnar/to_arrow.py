"""A filled block as an Arrow table, without a copy where the bytes allow it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from datagen.columnar.block import Block, Bools, Column
from datagen.columnar.nested import masked
from datagen.errors import ValueFault

_CODES = {8: np.int8, 16: np.int16, 32: np.int32}


def table(block: Block, schema: pa.Schema) -> pa.Table:
    """The columns of `schema`, from the block."""
    return pa.Table.from_arrays([_array(block, field) for field in schema], schema=schema)


def _array(block: Block, field: pa.Field) -> pa.Array:
    try:
        return array(block.columns[field.name], field.type)
    except ValueFault as error:
        raise ValueFault(error.reason, (block.table, field.name)) from None


def array(values: Column, type_: pa.DataType) -> pa.Array:
    """Cells as an Arrow array of the file's type."""
    if pa.types.is_nested(type_):
        return masked(values.data, values.valid)
    if pa.types.is_dictionary(type_):
        codes = _plain(
            values.data.astype(_CODES[type_.index_type.bit_width], copy=False), type_.index_type, values.valid
        )
        return pa.DictionaryArray.from_arrays(codes, values.dictionary, safe=False)
    if pa.types.is_string(type_):
        return _text(values)
    if pa.types.is_decimal(type_):
        return _decimals(values, type_)
    if pa.types.is_boolean(type_):
        bits = pa.py_buffer(np.packbits(values.data, bitorder="little"))
        return pa.Array.from_buffers(type_, len(values), [_bitmap(values.valid), bits])
    if pa.types.is_floating(type_):
        return _plain(values.as_floats(), type_, values.valid)
    width = np.int32 if type_.bit_width == 32 else np.int64
    return _plain(values.data.astype(width, copy=False), type_, values.valid)


def _bitmap(valid: Bools | None) -> pa.Buffer | None:
    return None if valid is None else pa.py_buffer(np.packbits(valid, bitorder="little"))


def _plain(data: np.ndarray, type_: pa.DataType, valid: Bools | None) -> pa.Array:
    return pa.Array.from_buffers(type_, len(data), [_bitmap(valid), pa.py_buffer(np.ascontiguousarray(data))])


def _text(values: Column) -> pa.Array:
    """Text with its nulls; a category that the file stores as text is decoded."""
    data = values.data
    if not isinstance(data, pa.Array):
        assert values.dictionary is not None
        data = values.dictionary.take(_plain(data.astype(np.int32, copy=False), pa.int32(), None))
    if values.valid is None:
        return data
    import pyarrow.compute as pc  # start-up time: only text with nulls needs it

    keep = pa.Array.from_buffers(pa.bool_(), len(values), [None, _bitmap(values.valid)])
    return pc.if_else(keep, data, pa.nulls(1, pa.string())[0])  # `pa.scalar` would import pandas


def _decimals(values: Column, type_: pa.DataType) -> pa.Array:
    """Minor units as 128-bit integers: the low word is the number, the high word its sign. Raises ValueFault beyond the
    precision.
    """
    _within(values, type_.precision)
    words = np.empty((len(values), 2), np.int64)
    words[:, 0] = values.data
    words[:, 1] = values.data >> 63
    return pa.Array.from_buffers(type_, len(values), [_bitmap(values.valid), pa.py_buffer(words)])


def _within(values: Column, digits: int) -> None:
    """Raises ValueFault for the first number with more digits than these."""
    if digits > 18:
        return  # 64 bits hold no longer ones
    beyond = np.abs(values.data) >= 10**digits
    if values.valid is not None:
        beyond &= values.valid
    if beyond.any():
        at = int(np.argmax(beyond))
        raise ValueFault(
            f"{int(values.data[at])} smallest units (row {at + 1} of its block) have more than {digits} digits; raise "
            "'precision', or give the column a 'max'"
        )
