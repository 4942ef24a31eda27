"""Tables of pandas and Dask DataFrames."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from datagen.columnar.block import CONVERSION_ERRORS
from datagen.errors import DataError
from datagen.interop.infer.file_parts import BATCH, ArrowPart, Spread, TablePart, here
from datagen.interop.infer.large_tables import LargeTable, sampled
from datagen.interop.infer.source_table import SourceTable, source_table

_LARGEST_WHOLE = 2.0**53
_AT_ONCE = 32
"""Partitions that are read before their results are used."""


def is_frame(source: Any) -> bool:
    """Whether a value is a pandas or a Dask DataFrame."""
    return hasattr(source, "columns") and hasattr(source, "dtypes") and hasattr(source, "reset_index")


@dataclass(frozen=True, slots=True)
class FramePart:
    """A partition of a Dask DataFrame: `frame` is delayed until the part is where it is computed."""

    index: int
    schema: pa.Schema
    frame: Any

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, a batch at a time."""
        for start in range(0, len(self.frame), BATCH):
            yield from _arrow("", self.frame.iloc[start : start + BATCH], self.schema).to_batches()


def read_frames(frames: Mapping[Any, Any], most: int, place: Mapping[str, Any]) -> list[SourceTable]:
    """The tables of DataFrames by name; of those with more than `most` rows, and of their families, a sample with the
    summaries of all rows. Raises DataError.

    An index with a name is a column. The partitions of a Dask DataFrame are read where it is computed: by the client
    among the options, or that of Dask.
    """
    spread = _spread(place.get("client"))
    return sampled({name: _table(name, frame, most, spread) for name, frame in frames.items()}, most, spread)


def _table(name: Any, frame: Any, most: int, spread: Spread) -> SourceTable | LargeTable:
    if not isinstance(name, str) or not is_frame(frame):
        raise DataError(
            f"table {name!r} is no DataFrame: give a mapping of the names of tables to pandas or Dask DataFrames"
        )
    if hasattr(frame, "map_partitions"):
        parts = [FramePart(index, pa.schema([]), one) for index, one in enumerate(frame.to_delayed())]
        found = [one for _, one in spread(partial(_described, name), parts)]
        rows, schema = sum(count for count, _ in found), _common([columns for _, columns in found])
        parts = [replace(part, schema=schema) for part in parts]
        if rows > most:
            return LargeTable(name, parts, rows)
        tables = [pa.Table.from_batches(one, schema) for _, one in spread(_all_batches, parts)]
        return source_table(name, pa.concat_tables(tables), rows)
    whole = _arrow(name, frame)
    if whole.num_rows > most:
        return LargeTable(name, [ArrowPart(whole.schema, partial(_slices, whole))], whole.num_rows)
    return source_table(name, whole, whole.num_rows)


def _spread(client: Any) -> Spread:
    """Partitions of Dask are read where Dask computes, a few at a time and in order; other parts here."""

    def spread(function: Callable[[TablePart], Any], parts: Sequence[TablePart]) -> Iterator[tuple[TablePart, Any]]:
        lazy = [part for part in parts if isinstance(part, FramePart)]
        yield from here(function, [part for part in parts if not isinstance(part, FramePart)])
        if not lazy:
            return
        from dask.base import compute  # start-up
        from dask.delayed import delayed

        shared = delayed(function, traverse=False)
        for start in range(0, len(lazy), _AT_ONCE):
            some = lazy[start : start + _AT_ONCE]
            tasks = [delayed(_applied)(shared, part.index, part.schema, part.frame) for part in some]
            yield from zip(some, compute(*tasks, scheduler=client), strict=True)

    return spread


def _applied(function: Callable[[TablePart], Any], index: int, schema: pa.Schema, frame: Any) -> Any:
    return function(FramePart(index, schema, frame))


class _Seen(NamedTuple):
    """A column of a partition: its type, whether all its numbers are whole, and whether a cell is missing."""

    field: pa.Field
    whole: bool
    missing: bool


def _described(name: str, part: FramePart) -> tuple[int, list[_Seen]]:
    """The rows of a partition and its columns."""
    found = _arrow(name, part.frame)
    return found.num_rows, [
        _Seen(field, pa.types.is_floating(field.type) and _are_whole(column), column.null_count > 0)
        for field, column in zip(found.schema, found.columns, strict=True)
    ]


def _common(partitions: Sequence[Sequence[_Seen]]) -> pa.Schema:
    """The types that hold the cells of all partitions: those of texts, where they have nothing in common."""
    fields = []
    for same in zip(*partitions, strict=True):
        kinds = [pa.schema([one]) for one in dict.fromkeys(seen.field for seen in same)]
        try:
            field = pa.unify_schemas(kinds, promote_options="permissive").field(0)
        except pa.ArrowException:
            field = same[0].field.with_type(pa.string())
        whole = all(one.whole or pa.types.is_integer(one.field.type) for one in same)
        if pa.types.is_floating(field.type) and whole and any(one.missing for one in same):
            field = field.with_type(pa.int64())
        fields.append(field)
    return pa.schema(fields)


def _all_batches(part: TablePart) -> list[pa.RecordBatch]:
    return list(part.batches())


def _slices(table: pa.Table) -> Iterator[pa.RecordBatch]:
    yield from table.to_batches(BATCH)


def _arrow(name: str, frame: Any, schema: pa.Schema | None = None) -> pa.Table:
    if any(level is not None for level in frame.index.names):
        frame = frame.reset_index()
    labels = [str(label) for label in frame.columns]
    if len(set(labels)) < len(labels):
        raise DataError(f"table '{name}' has two columns of one name: rename one of them")
    kinds = [None] * len(labels) if schema is None else schema.types
    return pa.table({label: _cells(frame.iloc[:, at], kinds[at]) for at, label in enumerate(labels)})


def _cells(column: Any, kind: pa.DataType | None = None) -> pa.Array:
    """Cells as an array, of a type if one is given: whole numbers that pandas keeps as floats because some are missing
    are whole again; objects that Arrow has no type for are texts.
    """
    try:
        cells = pa.array(column, from_pandas=True)
        if isinstance(cells, pa.ChunkedArray):
            cells = cells.combine_chunks()
        if pa.types.is_dictionary(cells.type):
            cells = cells.dictionary_decode()
        if kind is not None:
            return cells.cast(kind, safe=False)
    except CONVERSION_ERRORS:
        return pa.array([None if missing else str(cell) for cell, missing in zip(column, column.isna(), strict=True)])
    numbers = pa.types.is_floating(cells.type) and 0 < cells.null_count < len(cells)
    return cells.cast(pa.int64()) if numbers and _are_whole(cells) else cells


def _are_whole(cells: pa.Array) -> bool:
    """Whether all numbers that are there are whole, and small enough to be exact."""
    present = pc.drop_null(cells)
    whole = pc.and_(pc.equal(pc.round(present), present), pc.less(pc.abs(present), _LARGEST_WHOLE))
    return bool(pc.all(whole, min_count=0).as_py())
