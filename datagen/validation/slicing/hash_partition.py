"""Divides a large family by root key in bounded memory; the rows of one root are in one slice.

Root rows are assigned by a hash of their key, their children by the hash of the parent key. For deeper tables the slice
of the parent must be looked up: parents and children are first grouped by a hash of the parent's key, so that one group
of keys at a time is in memory (Grace hash join).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datagen.columnar.block import Column, Ints
from datagen.errors import DataError
from datagen.random.streams import mix
from datagen.validation.inputs.cast import cast
from datagen.validation.inputs.dataset_view import View
from datagen.validation.inputs.files import DataFile, batches
from datagen.validation.slicing.file_slice import Piece, joint_key, parent_keys

_GROUP_ROWS = 8_000_000
"""Keys of parents in memory at once (128 MB)."""
_PAIR = np.dtype([("key", np.int64), ("slice", np.int32)])


@dataclass(eq=False)
class HashPartitioner:
    """`slices` is the number of slices of the family of `root`; files are written below `scratch`."""

    view: View
    root: str
    scratch: Path
    slices: int
    _found: dict[str, dict[int, DataFile]] = field(default_factory=dict)

    def pieces(self, tables: list[str], first: int) -> Iterator[Piece]:
        """The slices, numbered from `first`; `tables` come parents first. Raises DataError."""
        for table in tables:
            self._found[table] = self._divided(table)
        for number in range(self.slices):
            files = {name: (found[number],) if number in found else () for name, found in self._found.items()}
            yield Piece(first + number, self.root, files)

    def _divided(self, table: str) -> dict[int, DataFile]:
        out = _Split(self.scratch / table, typed=all(file.typed for file in self.view.source.tables[table]))
        pairs = _Pairs(self.scratch / f"{table}.keys", self._groups(table)) if self._mapped(table) else None
        for rows, places in self._placed(table):
            out.add(rows, places)
            if pairs is not None:
                pairs.add(self._numbers(table, self._joined_by(table), rows), places)
        return out.close()

    def _mapped(self, table: str) -> bool:
        """Whether tables below must look up the slice of its rows; that of a root follows from its key."""
        facts = self.view.model.tables
        return facts[table].parent is not None and any(other.parent == table for other in facts.values())

    def _placed(self, table: str) -> Iterator[tuple[pa.Table, Ints]]:
        """Rows in pieces, each with the slice of every row."""
        facts = self.view.model.tables[table]
        columns = self._joined_by(table) if facts.parent is None else parent_keys(self.view, table)[0]
        looked_up = facts.parent is not None and self._mapped(facts.parent)
        if looked_up and columns:
            yield from self._looked_up(table, columns)
            return
        for rows in self._read(table):
            keys = self._numbers(table, columns, rows)
            yield rows, self._of(keys)

    def _looked_up(self, table: str, columns: tuple[str, ...]) -> Iterator[tuple[pa.Table, Ints]]:
        parent = self.view.model.tables[table].parent or ""
        groups = self._groups(parent)
        grouped = _Split(self.scratch / f"{table}.groups", typed=True)
        for rows in self._read(table):
            grouped.add(rows, _hashed(self._numbers(table, columns, rows), groups, 1))
        for group, file in grouped.close().items():
            keys, slices = _Pairs(self.scratch / f"{parent}.keys", groups).read(group)
            for rows in batches(file, list(file.columns)):
                requested = self._numbers(table, columns, rows)
                at = np.minimum(np.searchsorted(keys, requested), max(len(keys) - 1, 0))
                known = keys[at] == requested if len(keys) else np.zeros(len(requested), np.bool_)
                places = np.where(known, slices[at] if len(keys) else 0, self._of(requested))
                yield rows, places

    def _read(self, table: str) -> Iterator[pa.Table]:
        files = self.view.source.tables[table]
        names = list(dict.fromkeys(name for file in files for name in file.columns))
        for file in files:
            if missing := [name for name in names if name not in file.columns]:
                raise DataError(f"'{file.path}' has no column '{missing[0]}', which other files of '{table}' have")
            yield from batches(file, names)

    def _joined_by(self, table: str) -> tuple[str, ...]:
        """The columns that child tables are joined by, from the first child that declares them."""
        below = (name for name, facts in self.view.model.tables.items() if facts.parent == table)
        found = (parent_keys(self.view, name)[1] for name in below)
        key = self.view.model.tables[table].key
        return next((columns for columns in found if columns), (key,) if key is not None else ())

    def _numbers(self, table: str, columns: tuple[str, ...], rows: pa.Table) -> Ints:
        """Keys as integers; invalid keys go to any slice."""
        if not columns or not {*columns} <= {*rows.column_names}:
            return np.arange(rows.num_rows)
        keys: Ints = joint_key([self._cells(table, column, rows) for column in columns]).data
        return keys

    def _cells(self, table: str, column: str, rows: pa.Table) -> Column:
        typed = not pa.types.is_string(rows.schema.field(column).type)
        return cast(rows.column(column), self.view.type_of(table, column), self.view.words(table, column), typed).values

    def _of(self, keys: Ints) -> Ints:
        return _hashed(keys >> self._alike, self.slices, 0)

    @cached_property
    def _alike(self) -> int:
        """The low bits of a root key that are ignored: neighbours stay together, if there are enough
        for every slice.
        """
        rows = sum(file.rows for file in self.view.source.tables[self.root])
        return min(max((rows // (64 * self.slices)).bit_length() - 1, 0), 10)

    def _groups(self, table: str) -> int:
        return -(-sum(file.rows for file in self.view.source.tables[table]) // _GROUP_ROWS) or 1


def _hashed(keys: Ints, into: int, salt: int) -> Ints:
    found: Ints = (mix(keys.astype(np.int64).view(np.uint64), salt) % np.uint64(into)).astype(np.int64)
    return found


class _Split:
    """Rows written to one Parquet file per slice."""

    def __init__(self, folder: Path, *, typed: bool) -> None:
        folder.mkdir(parents=True)
        self._folder, self._typed = folder, typed
        self._writers: dict[int, pq.ParquetWriter] = {}
        self._rows: dict[int, int] = {}
        self._schema: pa.Schema | None = None

    def add(self, rows: pa.Table, places: Ints) -> None:
        self._schema = self._schema or _plain(rows.schema)
        try:
            rows = rows.cast(self._schema)
        except (pa.ArrowException, ValueError) as error:
            raise DataError(f"files of one table have columns of different types: {error}") from None
        order = np.argsort(places, kind="stable")
        for part in np.split(order, np.flatnonzero(np.diff(places[order])) + 1):
            if len(part):
                self._write(int(places[part[0]]), rows.take(part))

    def _write(self, place: int, rows: pa.Table) -> None:
        if place not in self._writers:
            self._writers[place] = pq.ParquetWriter(
                self._path(place), self._schema, use_dictionary=False, compression="snappy"
            )
        self._writers[place].write_table(rows)
        self._rows[place] = self._rows.get(place, 0) + rows.num_rows

    def close(self) -> dict[int, DataFile]:
        for writer in self._writers.values():
            writer.close()
        columns = {field.name: str(field.type) for field in self._schema or ()}
        return {
            at: DataFile(str(path), "parquet", rows, columns, self._typed, path.stat().st_size)
            for at, rows in self._rows.items()
            for path in [self._path(at)]
        }

    def _path(self, place: int) -> Path:
        return self._folder / f"{place}.parquet"


def _plain(schema: pa.Schema) -> pa.Schema:
    """The rows without dictionaries, which differ between batches."""
    fields = [pa.field(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in schema]
    return pa.schema(fields)


class _Pairs:
    """Keys with their slices, in one file per group of keys."""

    def __init__(self, folder: Path, groups: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._groups = folder, groups

    def add(self, keys: Ints, slices: Ints) -> None:
        pairs = np.empty(len(keys), _PAIR)
        pairs["key"], pairs["slice"] = keys, slices
        group = _hashed(keys, self._groups, 1)
        for number in np.unique(group):
            with (self._folder / str(number)).open("ab") as file:
                pairs[group == number].tofile(file)

    def read(self, group: int) -> tuple[Ints, Ints]:
        """The keys of a group, sorted, and their slices."""
        path = self._folder / str(group)
        pairs = np.fromfile(path, _PAIR) if path.exists() else np.empty(0, _PAIR)
        pairs = pairs[np.argsort(pairs["key"], kind="stable")]
        return np.ascontiguousarray(pairs["key"]), pairs["slice"].astype(np.int64)
