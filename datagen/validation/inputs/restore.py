"""Takes the faults of a file back, as its answer key says: what is judged is the clean part of a dataset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columnar.block import Bools
from datagen.planning.answer_key import clean_positions, integers, parsed


def restored(table: pa.Table, key: pa.Table, types: Mapping[str, pa.DataType]) -> pa.Table:
    """The rows of a file before its faults. `key` is the part of the answer key about it, `types` are those of clean
    columns.

    Raises ValueError or an Arrow error where the key does not belong to the file.
    """
    declared = {name: types[name] for name in table.column_names if name in types}
    of_cells = key.filter(pc.is_valid(key["column"]))
    for name in pc.unique(of_cells["column"]).to_pylist():
        if name in table.column_names:
            cells = of_cells.filter(pc.equal(of_cells["column"], name))
            fixed = _cells(table[name].combine_chunks(), cells)
            table = table.set_column(table.column_names.index(name), name, fixed)
    order = clean_positions(key, table.num_rows)
    if order is not None:
        table = table.take(pa.array(order))
    for name, type_ in declared.items():  # now that no cell of another format is left
        table = table.set_column(table.column_names.index(name), name, _typed(table[name].combine_chunks(), type_))
    return table


def _cells(column: pa.Array, key: pa.Table) -> pa.Array:
    """A column with the cells of the key as they were."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    rows = integers(key["row"])
    mask = np.zeros(len(column), np.bool_)
    mask[rows] = True
    was = key["was"].combine_chunks().take(pa.array(np.argsort(rows)))
    if pa.types.is_duration(column.type):  # which Arrow cannot replace
        return _replaced(column.cast(pa.int64()), mask, was).cast(column.type)
    return _replaced(column, mask, was)


def _replaced(column: pa.Array, mask: Bools, was: pa.Array) -> pa.Array:
    return pc.replace_with_mask(column, pa.array(mask), parsed(was, column.type))


def _typed(column: pa.Array, type_: pa.DataType) -> pa.Array:
    """Text as the clean type, where the file has text in its place."""
    as_text = pa.types.is_string(type_) or pa.types.is_dictionary(type_) or pa.types.is_nested(type_)
    if as_text or not pa.types.is_string(column.type):
        return column
    return parsed(column, type_)
