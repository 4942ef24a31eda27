"""Takes the faults of a file back, as its answer key says: what is judged is the clean part of a dataset."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.columnar.block import Bools, Ints
from datagen.planning.answer_key import parsed


def restored(table: pa.Table, key: pa.Table, types: Mapping[str, pa.DataType]) -> pa.Table:
    """The rows of a file before its faults. `key` is the part of the answer key about it, `types` are those of clean
    columns.

    Raises ValueError or an Arrow error where the key does not belong to the file.
    """
    wanted = {name: types[name] for name in table.column_names if name in types}
    of_cells = key.filter(pc.is_valid(key["column"]))
    for name in pc.unique(of_cells["column"]).to_pylist():
        if name in table.column_names:
            cells = of_cells.filter(pc.equal(of_cells["column"], name))
            fixed = _cells(table[name].combine_chunks(), cells)
            table = table.set_column(table.column_names.index(name), name, fixed)
    of_rows = key.filter(pc.is_null(key["column"]))
    rows, was = _integers(of_rows["row"]), of_rows["was"]
    copied = np.asarray(pc.is_null(was).to_numpy(zero_copy_only=False), np.bool_) if len(rows) else np.zeros(0, bool)
    kept = np.delete(np.arange(table.num_rows), rows[copied])
    moved, slots = rows[~copied], _integers(was.filter(pc.is_valid(was)).cast(pa.int64()))
    if len(moved) or copied.any():
        table = table.take(pa.array(_in_order(kept, moved, slots)))
    for name, type_ in wanted.items():  # now that no cell of another format is left
        table = table.set_column(table.column_names.index(name), name, _typed(table[name].combine_chunks(), type_))
    return table


def _integers(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.to_numpy(), np.int64)


def _in_order(kept: Ints, moved: Ints, slots: Ints) -> Ints:
    """The positions of the kept rows in their clean order: moved rows go to their slots, the others fill the rest."""
    order = np.empty(len(kept), np.int64)
    free = np.ones(len(kept), np.bool_)
    order[slots], free[slots] = moved, False
    order[free] = np.setdiff1d(kept, moved, assume_unique=True)
    return order


def _cells(column: pa.Array, key: pa.Table) -> pa.Array:
    """A column with the cells of the key as they were."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    rows = _integers(key["row"])
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
