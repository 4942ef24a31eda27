"""A dataset in a store: its tables as Arrow, pandas or Dask, with a notebook view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as bind
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from datagen.errors import OutputError
from datagen.kinds.formats.base import Sink
from datagen.kinds.stores.base import Store, readable_address, store_at
from datagen.kinds.stores.local import LocalStore
from datagen.runtime.manifest import Manifest, TableFiles
from datagen.runtime.receipt import every
from datagen.runtime.run_record import Record
from datagen.runtime.storage.layout import MANIFEST, PART, SUCCESS, table_folder
from datagen.runtime.storage.texts import read_json
from datagen.runtime.truth import Truth

if TYPE_CHECKING:
    import dask.dataframe
    import pandas as pd

    from datagen.validation.report.report import Report

Columns = Sequence[str] | None


@dataclass(frozen=True, slots=True)
class DatasetTable:
    """One table of a dataset. Rows are read on demand."""

    name: str
    store: Store
    sink: Sink
    contents: TableFiles

    @property
    def schema(self) -> pa.Schema:
        return self.contents.schema

    @property
    def rows(self) -> int:
        return self.contents.rows

    @property
    def bytes(self) -> int:
        """The size of the files."""
        return self.contents.bytes

    @property
    def files(self) -> tuple[Path | str, ...]:
        """The files in row order: paths, or the URLs of files in another store."""
        found = (self.store.path_or_url(f"{self.name}/{file.name}") for file in self.contents.files)
        return tuple(Path(file) if isinstance(self.store, LocalStore) else file for file in found)

    def read(self, file: Path | str, columns: Columns = None) -> pa.Table:
        """The rows of one file. Raises OutputError if it is missing or cannot be read."""
        try:
            with readable_address(file) as source:
                return self.sink.read(source, self.schema, columns)
        except (OSError, pa.ArrowException) as error:
            raise OutputError(f"cannot read {file}: {error}") from error

    def to_arrow(self, columns: Columns = None) -> pa.Table:
        """All rows in memory, with all columns or the named ones."""
        if columns is not None:
            self._check(columns)
        wanted = self.schema if columns is None else pa.schema([self.schema.field(name) for name in columns])
        return pa.concat_tables([wanted.empty_table(), *(self.read(file, columns) for file in self.files)])

    def to_pandas(self, columns: Columns = None) -> pd.DataFrame:
        frame: pd.DataFrame = self.to_arrow(columns).to_pandas()
        return frame

    def to_dask(self, columns: Columns = None) -> dask.dataframe.DataFrame:
        """A Dask DataFrame with one partition per file, read on demand."""
        import dask.dataframe as dd  # takes seconds to import, and is rarely used
        from dask.dataframe.utils import clear_known_categories

        meta = clear_known_categories(self.schema.empty_table().select(columns or self.schema.names).to_pandas())
        lazy: dask.dataframe.DataFrame = dd.from_map(
            bind(_frame, self, columns), list(self.files), meta=meta, label=f"datagen-{self.name}"
        )
        return lazy

    def _check(self, columns: Sequence[str]) -> None:
        unknown = [name for name in columns if name not in self.schema.names]
        if unknown:
            known = ", ".join(self.schema.names)
            raise KeyError(f"table '{self.name}' has no column '{unknown[0]}'; known: {known}")

    def __repr__(self) -> str:
        fields = "\n".join(f"  {f.name}: {f.type}" + ("" if f.nullable else " not null") for f in self.schema)
        return (
            f"<table {self.name}: {self.rows:,} rows, {_count(len(self.files), 'file')}, {_size(self.bytes)}>\n{fields}"
        )

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.name)}</b>: {self.rows:,} rows, {_count(len(self.files), 'file')}, {_size(self.bytes)}"
        cells = [(f.name, str(f.type), "" if f.nullable else "not null") for f in self.schema]
        return f"<div>{head}{_html(('column', 'type', ''), cells)}</div>"


class Dataset:
    """The dataset at an address: a folder, or a URL such as `s3://bucket/prefix`.

    Raises OutputError if there is none or if it is not finished; `partial=True` opens the complete partitions of an
    unfinished one. `report` is the validation report, if the dataset was validated during the run.
    """

    def __init__(self, folder: str | Path | Store, *, partial: bool = False, report: Report | None = None) -> None:
        self.store = folder if isinstance(folder, Store) else store_at(folder)
        self.manifest = _manifest(self.store, partial)
        self._sink = _sink(self.manifest)
        self.report = report

    @property
    def folder(self) -> Path:
        """The local folder. Raises OutputError for a dataset in another store."""
        if not isinstance(self.store, LocalStore):
            raise OutputError(f"{self.store.address} is not a local folder")
        return self.store.root

    @property
    def truth(self) -> Truth:
        """The ground truth: declared parameters and hidden columns."""
        return Truth(self)

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(name for name in self.manifest.tables if not name.startswith("_truth/"))

    def table(self, name: str) -> DatasetTable:
        """One table. `_truth/orders` gives the hidden columns of orders, or a hidden table of that name.

        Raises KeyError with the known names.
        """
        if name not in self.manifest.tables:
            raise KeyError(f"no table '{name}' in {self.store.address}; known: {', '.join(self.manifest.tables)}")
        return DatasetTable(table_folder(name), self.store, self._sink, self.manifest.tables[name])

    __getitem__ = table

    def __repr__(self) -> str:
        width = max(map(len, self.tables), default=0)
        lines = (
            f"  {n:<{width}}  {self.table(n).rows:>15,} rows  {_size(self.table(n).bytes):>10}" for n in self.tables
        )
        return "\n".join(
            [f"<dataset {self.manifest.name}, seed {self.manifest.seed}, in {self.store.address}>", *lines]
        )

    def _repr_html_(self) -> str:
        head = f"<b>{escape(self.manifest.name)}</b>, seed {self.manifest.seed}, in <code>{escape(self.store.address)}</code>"
        shown = map(self.table, self.tables)
        cells = [(t.name, f"{t.rows:,}", f"{len(t.schema):,}", f"{len(t.files):,}", _size(t.bytes)) for t in shown]
        return f"<div>{head}{_html(('table', 'rows', 'columns', 'files', 'size'), cells)}</div>"


def _manifest(store: Store, partial: bool) -> Manifest:
    try:
        if store.entry(SUCCESS) is not None:
            return _sound(Manifest.parse(read_json(store, MANIFEST)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException) as error:
        raise OutputError(f"{store.path_or_url(MANIFEST)} cannot be read: {error}") from error
    record = Record.read(store)
    if record is None:
        raise OutputError(f"{store.address} has no dataset")
    if not partial:
        raise OutputError(f"the run in {store.address} is not finished: resume it, or open it with partial=True")
    return _sound(Manifest.of(record, every(store, record)))


def _sound(manifest: Manifest) -> Manifest:
    """Refuse file names outside the folder: a manifest may come from an untrusted source."""
    for table in manifest.tables.values():
        for file in table.files:
            if not PART.match(file.name):
                raise OutputError(f"the manifest names a file '{file.name[:80]}', which no run writes")
    return manifest


def _sink(manifest: Manifest) -> Sink:
    try:
        return Sink.parse(dict(manifest.sink))
    except (ValueError, TypeError) as error:
        raise OutputError(f"the dataset has a format that this version of datagen does not support: {error}") from error


def _frame(table: DatasetTable, columns: Columns, file: Path | str) -> pd.DataFrame:
    frame: pd.DataFrame = table.read(file, columns).to_pandas()
    return frame


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _size(count: int) -> str:
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:,.1f} {unit}"
    return f"{count} B"


def _html(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(text)}</th>" for text in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(text)}</td>" for text in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
