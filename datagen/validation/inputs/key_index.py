"""An index of a table by its key: membership, and the cells of a row. Used by references and lookups."""

from __future__ import annotations

from functools import cached_property
from typing import Protocol

import numpy as np
import pyarrow as pa

from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar.block import Column, Ints, Type
from datagen.columnar.cell_hashes import row_hashes
from datagen.engine.recompute import all_null
from datagen.errors import Absent
from datagen.validation.inputs.cast import cast
from datagen.validation.inputs.files import DataFile, read

MOST_READ = 20_000_000
"""The most rows of a table whose columns are kept in memory for look-ups."""


class DeclaredColumns(Protocol):
    """The declared columns of a dataset."""

    @property
    def model(self) -> SemanticModel: ...

    def type_of(self, table: str, column: str) -> Type: ...

    def words(self, table: str, column: str) -> tuple[str, ...]:
        """The declared values of a category, in order."""

    def declared(self, table: str, *, hidden: bool = False) -> dict[str, pa.DataType]:
        """The columns that the files of a table, or those of its hidden columns, should have."""


class KeyIndex:
    """Keys are kept as runs of successive numbers, so that dense keys need no memory. Columns are read on demand.

    `truth` are the files of hidden columns, which contain hidden keys. Their rows have the same order as the data.
    """

    def __init__(
        self,
        view: DeclaredColumns,
        table: str,
        files: tuple[DataFile, ...],
        truth: tuple[DataFile, ...],
        key: str | None,
    ) -> None:
        self._view, self._table, self._files, self._truth = view, table, files, truth
        self._columns: dict[str, Column] = {}
        self._key = key
        if not files or key is None:
            raise Absent(f"table '{table}' is missing")
        self._key_hidden = self._hides(key)
        source = truth if self._key_hidden else files
        self._first, self._last, self._row, self.rows = _runs([_numbers(self._cells(file, key)) for file in source])

    def _hides(self, column: str) -> bool:
        return self._view.model.tables[self._table].columns[column].hidden

    def _declared(self, hidden: bool) -> dict[str, pa.DataType]:
        return self._view.declared(self._table, hidden=hidden)

    @cached_property
    def _hidden(self) -> KeyIndex:
        """The rows of hidden columns by the visible key in the same file."""
        return _Hidden(self._view, self._table, self._truth, (), self._key)

    def positions(self, keys: Ints) -> Ints:
        """The row of each key, -1 if there is none, int64 (n,)."""
        if not len(self._first):
            return np.full(len(keys), -1, np.int64)
        run = np.maximum(np.searchsorted(self._first, keys, side="right") - 1, 0)
        there = (keys >= self._first[run]) & (keys <= self._last[run])
        found: Ints = np.where(there, self._row[run] + keys - self._first[run], -1)
        return found

    def cells(self, column: str, keys: Ints) -> Column:
        """The cells of a column in the rows with these keys; missing if there is no such row. Raises Absent."""
        if self._hides(column) and not self._key_hidden:
            return self._hidden.cells(column, keys)
        at = self.positions(keys)
        values = self._column(column)
        if not len(values):
            return all_null(values, len(keys))
        found = values.take(np.maximum(at, 0))
        return found.where(at >= 0)

    def _column(self, column: str) -> Column:
        if column not in self._columns:
            if self.rows > MOST_READ:
                raise Absent(f"'{self._table}' has {self.rows:,} rows, more than can be kept to look '{column}' up")
            self._columns[column] = self._read(column)
        return self._columns[column]

    def _read(self, column: str) -> Column:
        hidden = self._hides(column)
        files, declared = self._truth if hidden else self._files, self._declared(hidden)
        tables = [read(file, [column], declared) for file in files if column in file.columns]
        if len(tables) < len(files) or not tables:
            raise Absent(f"column '{self._table}.{column}' is not in the files")
        values = self._cast(pa.concat_tables(tables, promote_options="permissive"), column)
        if len(values) != self.rows:
            raise Absent(
                f"'_truth/{self._table}' has other rows than '{self._table}', and no visible key to join them by"
            )
        return values

    def _cells(self, file: DataFile, column: str) -> Column:
        if column not in file.columns:
            raise Absent(f"column '{self._table}.{column}' is not in the files")
        return self._cast(read(file, [column], self._declared(self._hides(column))), column)

    def _cast(self, table: pa.Table, column: str) -> Column:
        view, typed = self._view, all(file.typed for file in self._files)
        return cast(
            table.column(column), view.type_of(self._table, column), view.words(self._table, column), typed
        ).values


class _Hidden(KeyIndex):
    """The files of hidden columns as a table of its own, with key and columns in the same rows."""

    def _hides(self, column: str) -> bool:
        return False

    def _declared(self, hidden: bool) -> dict[str, pa.DataType]:
        return self._view.declared(self._table, hidden=True)


def _numbers(keys: Column) -> Ints:
    """Integers themselves, hashes of any other keys."""
    return keys.data if keys.type.name == "int" else row_hashes([keys]).view(np.int64)


def _runs(parts: list[Ints]) -> tuple[Ints, Ints, Ints, int]:
    """Runs of successive keys: first and last key of each, the row of the first, sorted by key; and all rows."""
    firsts, lasts, rows, total = [], [], [], 0
    for keys in parts:
        begins = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 2) != 1)
        ends = np.append(begins[1:], len(keys)) - 1
        firsts.append(keys[begins])
        lasts.append(keys[ends] if len(keys) else keys)
        rows.append(begins + total)
        total += len(keys)
    if not firsts:
        return (np.zeros(0, np.int64),) * 3 + (0,)
    first, last, row = np.concatenate(firsts), np.concatenate(lasts), np.concatenate(rows)
    order = np.argsort(first, kind="stable")
    return first[order], last[order], row[order], total
