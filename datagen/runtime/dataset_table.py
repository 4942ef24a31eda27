"""A table of a dataset as Arrow, pandas or Dask, with a notebook view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial as bind
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from datagen.byte_sizes import format_size
from datagen.errors import OutputError
from datagen.kinds.formats.base import Sink
from datagen.kinds.formats.support.hive import restored, values_of
from datagen.kinds.stores.base import Store, readable_address
from datagen.kinds.stores.local import LocalStore
from datagen.runtime.manifest import Manifest, TableFiles
from datagen.runtime.storage.layout import table_folder

if TYPE_CHECKING:
    import dask.dataframe
    import pandas as pd


Columns = Sequence[str] | None


@dataclass(frozen=True, slots=True)
class DatasetTable:
    """One table of a dataset. Rows are read on demand."""

    name: str
    store: Store
    sink: Sink
    contents: TableFiles

    @classmethod
    def of(cls, name: str, store: Store, sink: Sink, manifest: Manifest) -> DatasetTable:
        """A table of a manifest."""
        return cls(table_folder(name), store, sink, manifest.tables[name])

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
        folders = values_of(file.as_posix() if isinstance(file, Path) else file)
        selected = self.schema if columns is None else pa.schema([self.schema.field(name) for name in columns])
        inside = pa.schema([one for one in self.schema if one.name not in folders])
        try:
            with readable_address(file) as source:
                if not folders:
                    return self.sink.read(source, self.schema, columns)
                found = self.sink.read(source, inside, [name for name in selected.names if name not in folders])
                return restored(found, folders, selected)
        except (OSError, pa.ArrowException) as error:
            raise OutputError(f"cannot read {file}: {error}") from error

    def to_arrow(self, columns: Columns = None) -> pa.Table:
        """All rows in memory, with all columns or the named ones.

        Raises KeyError for an unknown column, OutputError if a file is missing or cannot be read.
        """
        if columns is not None:
            self._check(columns)
        selected = self.schema if columns is None else pa.schema([self.schema.field(name) for name in columns])
        return pa.concat_tables([selected.empty_table(), *(self.read(file, columns) for file in self.files)])

    def to_pandas(self, columns: Columns = None) -> pd.DataFrame:
        """All rows in memory as a pandas DataFrame; errors are those of `to_arrow`."""
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
            f"<table {self.name}: {self.rows:,} rows, {_count(len(self.files), 'file')}, "
            f"{format_size(self.bytes)}>\n{fields}"
        )

    def _repr_html_(self) -> str:
        from html import escape  # start-up: only a notebook asks

        from datagen.schema.notebook import html_table

        head = (
            f"<b>{escape(self.name)}</b>: {self.rows:,} rows, {_count(len(self.files), 'file')}, "
            f"{format_size(self.bytes)}"
        )
        cells = [(f.name, str(f.type), "" if f.nullable else "not null") for f in self.schema]
        return f"<div>{head}{html_table(('column', 'type', ''), cells)}</div>"


def _frame(table: DatasetTable, columns: Columns, file: Path | str) -> pd.DataFrame:
    frame: pd.DataFrame = table.read(file, columns).to_pandas()
    return frame


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
