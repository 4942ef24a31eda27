"""Tables that are read in parts: every part is a task that holds one batch of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
from numpy.typing import NDArray
from pyarrow.csv import ReadOptions

from datagen.errors import DataError
from datagen.interop.infer.source_table import plain_cells
from datagen.interop.infer.summary import ColumnSummary, Words, hashes
from datagen.random.streams import mix
from datagen.runtime.executors.choose import asked_cluster, on_dask

BATCH, PART_ROWS = 65_536, 1_000_000
"""Rows of a batch, and rows of Parquet that one task reads at least; another file is a task."""


class TablePart(Protocol):
    """Some rows of a table; `index` is its place among the parts of the table, `schema` that of the table."""

    @property
    def index(self) -> int: ...
    @property
    def schema(self) -> pa.Schema: ...

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, a batch at a time."""


@dataclass(frozen=True, slots=True)
class ArrowPart:
    """All rows of a table that something gives as Arrow batches, as often as it is asked."""

    schema: pa.Schema
    batches: Callable[[], Iterator[pa.RecordBatch]]
    index: int = 0


@dataclass(frozen=True, slots=True)
class FilePart:
    """Some row groups of a Parquet file, or a whole file; `schema` is that of the table."""

    index: int
    path: str
    format: str
    groups: tuple[int, ...] | None
    schema: pa.Schema

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows, a batch at a time. Raises DataError."""
        try:
            data = ds.dataset(self.path, schema=self.schema, format=arrow_format(self.format, self.schema.names))
            for fragment in data.get_fragments():
                part = fragment.subset(row_group_ids=list(self.groups)) if self.groups is not None else fragment
                yield from part.to_batches(schema=self.schema, batch_size=BATCH, batch_readahead=1, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"cannot read '{self.path}': {' '.join(str(error).split())[:200]}") from None


BARE_CSV = "csv without a header"


def arrow_format(name: str, columns: Sequence[str]) -> str | ds.FileFormat:
    """The format of a dataset of Arrow; of CSV without a header, these are the names of the columns."""
    if name != BARE_CSV:
        return name
    return ds.CsvFileFormat(read_options=ReadOptions(column_names=list(columns)))


def parts_of(files: Sequence[str], file_format: str, schema: pa.Schema) -> list[FilePart]:
    """The parts of the files of a table, in order."""
    made: list[tuple[str, tuple[int, ...] | None]] = []
    for path in files:
        if file_format != "parquet":
            made.append((path, None))
            continue
        (fragment,) = ds.dataset(path, format="parquet").get_fragments()
        waiting: list[int] = []
        rows = 0
        for group in fragment.row_groups:
            waiting.append(group.id)
            rows += group.num_rows
            if rows >= PART_ROWS:
                made.append((path, tuple(waiting)))
                waiting, rows = [], 0
        if waiting:
            made.append((path, tuple(waiting)))
    return [FilePart(index, path, file_format, groups, schema) for index, (path, groups) in enumerate(made)]


Summaries = dict[str, ColumnSummary]
Spread = Callable[[Callable[[TablePart], Any], Sequence[TablePart]], Iterable[tuple[TablePart, Any]]]
"""A function that does something with each part, anywhere and in any order."""


def spread_over(place: Mapping[str, Any]) -> Spread:
    """Parts are read in this process, or on workers where the options of `ClusterOptions` ask for them. Raises
    RunError and PlanError.
    """
    cluster = asked_cluster(place)

    def on_workers(function: Callable[[TablePart], Any], parts: Sequence[TablePart]) -> Iterator[tuple[TablePart, Any]]:
        runner = on_dask(place, cluster)
        with closing(runner.map_unordered("inference", function, parts)) as done:  # type: ignore[arg-type]
            yield from done

    def spread(function: Callable[[TablePart], Any], parts: Sequence[TablePart]) -> Iterable[tuple[TablePart, Any]]:
        asked = cluster is not None or place.get("client") is not None
        if asked and place.get("workers") != 1 and len(parts) > 1:
            return on_workers(function, parts)
        return here(function, parts)

    return spread


def here(function: Callable[[TablePart], Any], parts: Sequence[TablePart]) -> Iterable[tuple[TablePart, Any]]:
    """Parts are read in this process."""
    return ((part, function(part)) for part in parts)


def summarize(part: TablePart) -> Summaries:
    """The summaries of the columns of a part that can be inferred."""
    made: Summaries = {}
    for batch in part.batches():
        for name, column in zip(batch.schema.names, batch.columns, strict=True):
            cells = plain_cells(column)
            if cells is not None:
                made.setdefault(name, ColumnSummary()).add(cells)
    return made


@dataclass(frozen=True, slots=True)
class HashSample:
    """The rows whose hash of a column is up to `limit`, or among `words` (ascending); without a column, the hash is
    that of the row's place.
    """

    column: str | None
    limit: int | None
    words: Words | None = None

    def mask(self, words: Words) -> NDArray[np.bool_]:
        """Which hashes are chosen."""
        if self.limit is not None:
            return np.asarray(words <= np.uint64(self.limit))
        assert self.words is not None
        at = np.minimum(np.searchsorted(self.words, words), max(len(self.words) - 1, 0))
        return np.asarray(self.words[at] == words) if len(self.words) else np.zeros(len(words), bool)


def take(chosen: HashSample, part: TablePart) -> pa.Table:
    """The chosen rows of a part."""
    made, first = [], part.index << 40
    for batch in part.batches():
        if chosen.column is None:
            words = mix(np.arange(first, first + batch.num_rows, dtype=np.uint64))
            first += batch.num_rows
        else:
            cells = plain_cells(batch.column(batch.schema.get_field_index(chosen.column)))
            assert cells is not None
            words = hashes(cells)
        kept = chosen.mask(words)
        if kept.any():
            made.append(batch.filter(pa.array(kept)))
    return pa.Table.from_batches(made, part.schema)


def all_summaries(parts: Sequence[TablePart], spread: Spread) -> Summaries:
    """The summaries of all parts together."""
    made: Summaries = {}
    for _, found in spread(summarize, parts):
        for name, one in found.items():
            made.setdefault(name, ColumnSummary()).merge(one)
    return made


def taken(chosen: HashSample, parts: Sequence[TablePart], spread: Spread) -> pa.Table:
    """The chosen rows of all parts, in their order."""
    found = {part.index: table for part, table in spread(partial(take, chosen), parts)}
    return pa.concat_tables([found[index] for index in sorted(found)])
