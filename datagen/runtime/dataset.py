"""A dataset in a store: its tables, its manifest and its ground truth, with a notebook view."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from datagen.byte_sizes import format_size
from datagen.errors import OutputError
from datagen.kinds.formats.base import Sink
from datagen.kinds.stores.base import Store, store_at
from datagen.kinds.stores.local import LocalStore
from datagen.runtime.dataset_table import DatasetTable
from datagen.runtime.manifest import Manifest
from datagen.runtime.receipt import complete_receipts
from datagen.runtime.run_record import Record
from datagen.runtime.storage.layout import MANIFEST, SUCCESS, part_number, sidecar_key
from datagen.runtime.storage.texts import read_json

if TYPE_CHECKING:
    from datagen.validation.report.report import Report

_TRUTH_VERSION = 1


class Dataset:
    """The dataset at an address: a folder, or a URL such as `s3://bucket/prefix`.

    Raises OutputError if there is none or if it is not finished; `partial=True` opens the complete partitions of an
    unfinished one. `report` is the validation report, if the dataset was validated during the run.
    """

    def __init__(self, folder: str | Path | Store, *, partial: bool = False, report: Report | None = None) -> None:
        self.store = folder if isinstance(folder, Store) else store_at(folder)
        self._partial = partial
        self._sink = _sink(self.manifest)
        self.report = report

    @classmethod
    def written(cls, store: Store, sink: Sink, report: Report | None = None) -> Self:
        """The dataset that a run has just finished. Its manifest, which may be large, is read when it is needed."""
        dataset = cls.__new__(cls)
        vars(dataset).update(store=store, _sink=sink, _partial=False, report=report)
        return dataset

    @cached_property
    def manifest(self) -> Manifest:
        return _manifest(self.store, self._partial)

    @property
    def folder(self) -> Path:
        """The local folder. Raises OutputError for a dataset in another store."""
        if not isinstance(self.store, LocalStore):
            raise OutputError(f"{self.store.address} is not a local folder")
        return self.store.root

    @property
    def truth(self) -> Truth:
        """The ground truth: declared parameters and hidden columns."""
        return Truth(self.store, self.manifest, self._sink)

    @property
    def tables(self) -> tuple[str, ...]:
        return tuple(name for name in self.manifest.tables if not name.startswith("_truth/"))

    def table(self, name: str) -> DatasetTable:
        """One table. `_truth/orders` gives the hidden columns of orders, or a hidden table of that name.

        Raises KeyError with the known names.
        """
        if name not in self.manifest.tables:
            raise KeyError(f"no table '{name}' in {self.store.address}; known: {', '.join(self.manifest.tables)}")
        return DatasetTable.of(name, self.store, self._sink, self.manifest)

    __getitem__ = table

    def __iter__(self) -> Iterator[str]:
        """The names of the tables, as of a mapping."""
        return iter(self.tables)

    def __contains__(self, name: object) -> bool:
        return name in self.manifest.tables

    def __repr__(self) -> str:
        width = max(map(len, self.tables), default=0)
        lines = (
            f"  {n:<{width}}  {self.table(n).rows:>15,} rows  {format_size(self.table(n).bytes):>10}"
            for n in self.tables
        )
        return "\n".join(
            [f"<dataset {self.manifest.name}, seed {self.manifest.seed}, in {self.store.address}>", *lines]
        )

    def _repr_html_(self) -> str:
        from html import escape  # start-up: only a notebook asks

        from datagen.schema.notebook import html_table

        head = (
            f"<b>{escape(self.manifest.name)}</b>, seed {self.manifest.seed}, in "
            f"<code>{escape(self.store.address)}</code>"
        )
        shown = map(self.table, self.tables)
        cells = [
            (t.name, f"{t.rows:,}", f"{len(t.schema):,}", f"{len(t.files):,}", format_size(t.bytes)) for t in shown
        ]
        result = f", {escape(self.report.verdict)}" if self.report is not None else ""
        return f"<div>{head}{result}{html_table(('table', 'rows', 'columns', 'files', 'size'), cells)}</div>"


def _manifest(store: Store, partial: bool) -> Manifest:
    try:
        if store.entry(SUCCESS) is not None:
            return _validated(Manifest.parse(read_json(store, MANIFEST)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, pa.ArrowException) as error:
        reason = f"it has no {error}, as one of another version" if isinstance(error, KeyError) else str(error)
        raise OutputError(f"{store.path_or_url(MANIFEST)} cannot be read: {reason}") from error
    record = Record.read(store)
    if record is None:
        raise OutputError(f"{store.address} has no dataset")
    if not partial:
        raise OutputError(f"the run in {store.address} is not finished: resume it, or open it with partial=True")
    return _validated(Manifest.partial(record, complete_receipts(store, record)))


def _validated(manifest: Manifest) -> Manifest:
    """Refuse file names outside the folder: a manifest may come from an untrusted source."""
    for table in manifest.tables.values():
        for file in table.files:
            if part_number(file.name) is None:
                raise OutputError(f"the manifest names a file '{file.name[:80]}', which no run writes")
    return manifest


def _sink(manifest: Manifest) -> Sink:
    try:
        return Sink.parse(dict(manifest.sink))
    except (ValueError, TypeError) as error:
        raise OutputError(f"the dataset has a format that this version of datagen does not support: {error}") from error


@dataclass(frozen=True)
class Truth:
    """The ground truth of a dataset, read on demand."""

    store: Store
    manifest: Manifest
    sink: Sink

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """The content of `truth.json`. Raises OutputError if it is missing or has another layout."""
        store, key = self.store, sidecar_key("_truth/truth.json")
        path = store.path_or_url(key)
        try:
            data = read_json(store, key)
        except FileNotFoundError:
            raise OutputError(f"{path} is missing: generate the dataset again") from None
        except (OSError, ValueError) as error:
            raise OutputError(f"{path} cannot be read: {error}") from error
        if (
            not isinstance(data, dict)
            or data.get("truth") != _TRUTH_VERSION
            or not isinstance(data.get("tables"), dict)
        ):
            raise OutputError(f"{path} was not written by this version of datagen")
        return data

    @property
    def tables(self) -> tuple[str, ...]:
        """The tables with hidden columns, and hidden tables."""
        return tuple(name.removeprefix("_truth/") for name in self.manifest.tables if name.startswith("_truth/"))

    def table(self, name: str) -> DatasetTable:
        """The hidden columns of a table, with its key, or a hidden table. Raises KeyError with the known names."""
        if name not in self.tables:
            raise KeyError(f"table '{name}' has nothing hidden; known: {', '.join(self.tables) or 'none'}")
        return DatasetTable.of(f"_truth/{name}", self.store, self.sink, self.manifest)

    def __repr__(self) -> str:
        return f"<truth of {self.manifest.name}, hidden columns of: {', '.join(self.tables) or 'no table'}>"
