"""The rows of a dataset with their identities: files are read in order, identities are made again from the document.

A row of a root table is identified by its index, a row below by its parent's identity and its ordinal (of events:
parent, period, ordinal). So a row is the same in two datasets of one document although their keys, which count rows,
differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar.block import Block, Ints, Words, as_numpy
from datagen.engine.execute import execute, release, root_block
from datagen.engine.program import Program
from datagen.errors import OutputError
from datagen.planning import answer_key
from datagen.planning.steps import Step
from datagen.runtime.dataset import Dataset
from datagen.runtime.dataset_table import DatasetTable
from datagen.runtime.run_record import Record
from datagen.runtime.storage.layout import DOCUMENT
from datagen.runtime.storage.texts import read_json
from datagen.schema.reading.read import read


@dataclass(frozen=True, slots=True, eq=False)
class TableRows:
    """n rows of a table: cells, identities, and the position of each row's root among the root rows of the part, shape
    (n,) each.

    `first` is the index of the first row.
    """

    cells: pa.Table
    ids: Words
    root: Ints
    first: int


class IdentifiedRows:
    """A finished dataset, read along the rows of its root tables. Raises OutputError where its document is not beside
    it.
    """

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        try:
            document = read_json(dataset.store, DOCUMENT)
        except (OSError, ValueError) as error:
            raise OutputError(f"{dataset.store.path_or_url(DOCUMENT)} cannot be read: {error}") from None
        record = Record.read(dataset.store)
        self.model = SemanticModel(read(document))
        self.sizes = dataset.manifest.rows_of
        scale = 1.0 if record is None else record.scale
        self.program = Program(self.model, dataset.manifest.seed, scale, self.sizes, {})

    @cached_property
    def families(self) -> Mapping[str, tuple[str, ...]]:
        return self.program.families

    def table(self, name: str) -> DatasetTable:
        """The files of a table, hidden or not."""
        return self.dataset.table(f"_truth/{name}" if self.model.tables[name].hidden else name)

    def parts(self, root: str, columns: Mapping[str, Sequence[str]], step: int) -> Iterator[Mapping[str, TableRows]]:
        """The tables of a family in parts of `step` root rows, each with these columns."""
        tables = self.families[root]
        steps = self.program.steps_for(root, {Step(name) for name in tables})
        streams = {name: _Stream(self.table(name), columns[name], self._answer_key(name)) for name in tables}
        first = dict.fromkeys(tables, 0)
        for start in range(0, self.sizes[root], step):
            index = np.arange(start, min(start + step, self.sizes[root]))
            made = {root: root_block(self.program.table_programs[root], start, index)}
            execute(made, self.program.table_programs, steps, first)
            yield {name: self._part(made, name, streams[name], first[name]) for name in tables}
            first = {name: first[name] + len(made[name]) for name in tables}
            release(made.values())

    def _answer_key(self, name: str) -> DatasetTable | None:
        """The answer key, if the table has faults."""
        faulty = self.model.document.faults.get(name) and answer_key.FOLDER in self.dataset.manifest.tables
        return self.dataset.table(answer_key.FOLDER) if faulty else None

    def _part(self, made: Mapping[str, Block], name: str, stream: _Stream, first: int) -> TableRows:
        block = made[name]
        return TableRows(stream.take(len(block)), block.ids, _roots(block), first)


def _roots(block: Block) -> Ints:
    """The position of each row's root."""
    if block.parent is None or block.parent_row is None:
        return np.arange(len(block))
    found: Ints = _roots(block.parent)[block.parent_row]
    return found


class _Stream:
    """The rows of a table in the order of its files, without copied rows, and with moved rows in their places."""

    def __init__(self, table: DatasetTable, columns: Sequence[str], key: DatasetTable | None) -> None:
        if any("/" in file.name for file in table.contents.files):
            message = f"table '{table.name}' is divided by the values of columns, so its rows have lost their order"
            raise OutputError(f"{message}; compare datasets that were written without partition_by")
        self._table, self._columns, self._key = table, list(columns), key
        self._keys = {PurePath(file).stem: file for file in key.files} if key is not None else {}
        self._files = iter(table.files)
        self._buffer = pa.schema([table.schema.field(name) for name in self._columns]).empty_table()

    def take(self, rows: int) -> pa.Table:
        """The next rows. Raises OutputError where there are too few."""
        parts, missing = [self._buffer], rows - self._buffer.num_rows
        while missing > 0:
            file = next(self._files, None)
            if file is None:
                raise OutputError(f"table '{self._table.name}' has {missing:,} rows fewer than its document gives")
            parts.append(self._in_place(file, self._table.read(file, self._columns)))
            missing -= parts[-1].num_rows
        found = pa.concat_tables(parts)
        self._buffer = found.slice(rows)
        return found.slice(0, rows)

    def _in_place(self, file: Path | str, rows: pa.Table) -> pa.Table:
        named = self._keys.get(PurePath(file).stem)
        if self._key is None or named is None:
            return rows
        key = self._key.read(named)
        order = answer_key.clean_positions(key.filter(pc.equal(key["table"], self._table.name)), rows.num_rows)
        return rows if order is None else rows.take(pa.array(order))


def plain(column: pa.ChunkedArray) -> pa.Array:
    """A column as one array."""
    array = column.combine_chunks()
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def numbers(array: pa.Array) -> np.ndarray:
    """Numbers as float64, 0 where missing."""
    if pa.types.is_decimal(array.type):
        array = array.cast(pa.float64())
    return as_numpy(array.fill_null(0)).astype(np.float64)  # type: ignore[no-any-return]
