"""Files of a partition divided by the values of columns, one for each combination, in bounded memory.

Rows are first written to a local file of the task, each block sorted by the columns. When the partition is complete,
the rows of one combination after the other are read from it, through a memory map, and encoded.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import as_numpy
from datagen.kinds.formats.base import Encodings, Sink
from datagen.kinds.formats.support.hive import folder_of
from datagen.runtime.partition_contents import schema_of, split_by

if TYPE_CHECKING:
    from datagen.kinds.formats.base import Writer
    from datagen.planning.plan import Plan

_BATCH_ROWS = 65_536
"""The most rows that are passed to the format in one call."""
Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class RowSlice:
    """Rows with the same cells: `rows` from `start` on of a record batch."""

    batch: int
    start: int
    rows: int


@dataclass(slots=True)
class SplitWriter:
    """A writer whose rows become a file for each combination of cells of the columns `by`."""

    path: Path
    schema: pa.Schema
    by: tuple[str, ...]
    _pieces: dict[Cells, list[RowSlice]] = field(default_factory=dict)
    _batches: int = 0
    _spill: pa.ipc.RecordBatchFileWriter = None

    def __post_init__(self) -> None:
        self._spill = pa.ipc.new_file(str(self.path), self._plain())

    def write(self, table: pa.Table) -> None:
        """Append rows, sorted by the columns; rows of equal cells keep their order."""
        rows = table.cast(self._plain()).combine_chunks()
        codes, cells = _combine([rows[name] for name in self.by])
        order = np.argsort(codes, kind="stable")
        starts = np.flatnonzero(np.diff(codes[order], prepend=-1))
        ends = np.append(starts[1:], len(codes))
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
            key = cells[int(codes[order[start]])]
            self._pieces.setdefault(key, []).append(RowSlice(self._batches, start, end - start))
        self._spill.write_table(rows.take(pa.array(order)).combine_chunks())
        self._batches += 1

    def close(self) -> None:
        """No more rows. Closing twice is allowed."""
        self._spill.close()

    def files(self, sink: Sink, encodings: Encodings, spare: int) -> Iterator[tuple[str, Path, int]]:
        """The folder, a finished local file and the rows of each combination, in the order of their texts.

        A table without rows has one file, in the folder of missing cells. The caller moves or removes the files.
        """
        inner = pa.schema([one for one in self.schema if one.name not in self.by])
        with pa.memory_map(str(self.path)) as source, pa.ipc.open_file(source) as spilled:
            batches = [spilled.get_batch(index) for index in range(spilled.num_record_batches)]
            found = sorted(self._pieces.items(), key=lambda item: [(c is not None, c or "") for c in item[0]])
            for number, (cells, pieces) in enumerate(found or [((None,) * len(self.by), [])]):
                draft = self.path.with_name(f"{self.path.name}.{number}")
                writer = sink.open(draft, inner, encodings, spare)
                for table in _batches_of(batches, pieces, inner):
                    writer.write(table)
                writer.close()
                yield folder_of(self.by, cells), draft, sum(piece.rows for piece in pieces)

    def _plain(self) -> pa.Schema:
        """The schema without dictionaries, of which a local file can have only one per column."""
        return pa.schema([f.with_type(f.type.value_type) if pa.types.is_dictionary(f.type) else f for f in self.schema])


def writer_of(plan: Plan, folder: str, path: Path, spare: int) -> Writer | SplitWriter:
    """The writer of the rows of a partition in `folder`; it buffers at most `spare` bytes."""
    schema, encodings = schema_of(plan, folder)
    by = split_by(plan, folder)
    return SplitWriter(path, schema, by) if by else plan.output.open(path, schema, encodings, spare)


def _combine(columns: Sequence[pa.ChunkedArray]) -> tuple[np.ndarray, list[Cells]]:
    """A code for each row, shape (n,), and the texts of the cells with each code."""
    codes: np.ndarray = np.zeros(len(columns[0]), np.int64)
    cells: list[Cells] = [()]
    for column in columns:
        encoded = pc.dictionary_encode(column.cast(pa.string()).combine_chunks(), null_encoding="encode")
        encoded = encoded.combine_chunks() if isinstance(encoded, pa.ChunkedArray) else encoded
        words = encoded.dictionary.to_pylist()
        both = codes * max(len(words), 1) + as_numpy(encoded.indices).astype(np.int64)
        found, codes = np.unique(both, return_inverse=True)
        cells = [(*cells[one // len(words)], words[one % len(words)]) for one in found.tolist()]
    return codes, cells


def _batches_of(batches: Sequence[pa.RecordBatch], pieces: Sequence[RowSlice], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows of the pieces, some thousands at a time."""
    held: list[pa.RecordBatch] = []
    for piece in pieces:
        held.append(batches[piece.batch].slice(piece.start, piece.rows))
        if sum(one.num_rows for one in held) >= _BATCH_ROWS:
            yield _table(held, schema)
            held = []
    if held:
        yield _table(held, schema)


def _table(held: Sequence[pa.RecordBatch], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_batches(held).select(schema.names).combine_chunks().cast(schema)
