"""Finds the files of each table in a folder, from any writer, and trusts nothing in them."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from datagen.errors import DataError, OutputError, reason_of
from datagen.kinds.faults.base import ANSWER_KEY
from datagen.kinds.stores.base import Entry, Store, store_at
from datagen.planning.answer_key import SCHEMA
from datagen.runtime.manifest import Manifest
from datagen.runtime.storage.layout import MANIFEST, PART, RECEIPTS, RUN_FOLDER, SUCCESS, TRUTH, data_files
from datagen.runtime.storage.texts import read_json
from datagen.validation.inputs.files import FORMATS, DataFile, is_read, opened, read
from datagen.validation.inputs.written_files import Changes, changes, with_hashes


class HideableTable(Protocol):
    """A table of the document."""

    @property
    def hidden(self) -> bool:
        """Whether it is written to `_truth/` only."""


_NAMED = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")


@dataclass(frozen=True)
class DataFolder:
    """The tables found in a folder; `truth` has hidden columns, `manifest` exists if datagen wrote the folder,
    `changes` are its files that are missing or added.
    """

    folder: str
    tables: Mapping[str, tuple[DataFile, ...]]
    truth: Mapping[str, tuple[DataFile, ...]] = field(default_factory=dict)
    manifest: Manifest | None = None
    changes: Changes = field(default_factory=dict)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """Rows per table, estimated from sizes if the format does not store them."""
        return {name: sum(file.rows for file in files) for name, files in self.tables.items()}

    def named(self, columns: Mapping[str, Sequence[str]], hidden: Mapping[str, Sequence[str]]) -> DataFolder:
        """The same, with the declared columns for JSON Lines files without a line."""
        return replace(self, tables=_named(self.tables, columns), truth=_named(self.truth, hidden))

    @property
    def aligned(self) -> bool:
        """Whether the files of a partition belong together: the folder is a finished run with all its files."""
        if self.manifest is None:
            return False
        return all(PART.match(Path(file.path).name) for files in self.tables.values() for file in files)


def found(
    folder: str | Path | Store,
    tables: Mapping[str, HideableTable],
    faulty: Collection[str] = frozenset(),
    *,
    hashed: bool = False,
) -> DataFolder:
    """The data of these tables in a store, hidden ones from `_truth/`; the files of `faulty` tables with their answer
    keys. `hashed`: files of a run of datagen have the hashes of their manifest.

    Raises DataError if none of it exists, or a file cannot be read.
    """
    store = folder if isinstance(folder, Store) else store_at(folder)
    try:
        hidden = {name: table.hidden for name, table in tables.items() if _NAMED.match(name)}
        source = _found(store, hidden, hashed=hashed)
        return _with_answer_key(store, source, faulty) if faulty else source
    except OSError as error:
        where = error.filename or store.address
        raise DataError(f"cannot read '{where}': {reason_of(error)}") from None


def _found(store: Store, expected: Mapping[str, bool], *, hashed: bool) -> DataFolder:
    if missing := store.missing():
        raise DataError(f"{missing}; give the folder of the tables")
    _check_finished(store)
    manifest, there, below = _manifest(store), store.entries(), store.entries(TRUTH)
    read = partial(_files, store, dialect=_dialect(manifest))
    files = {name: read(there, name) for name, hidden in expected.items() if not hidden}
    if not any(files.values()):
        raise DataError(_nothing(store, there, list(files)))
    files |= {f"{TRUTH}/{name}": read(below, name) for name in (*expected, ANSWER_KEY)}
    changed = changes(store, manifest, files)
    if hashed and manifest is not None:
        files = with_hashes(store, manifest, files)
    data = {name: found for name, hidden in expected.items() if not hidden and (found := files[name])}
    truth = {name: found for name in expected if (found := files[f"{TRUTH}/{name}"])}
    data |= {name: truth.pop(name) for name, hidden in expected.items() if hidden and name in truth}
    return DataFolder(store.address, data, truth, manifest, changed)


def _with_answer_key(store: Store, source: DataFolder, faulty: Collection[str]) -> DataFolder:
    """The same, where each file of a table with faults has the rows of the answer key that are about it."""
    keys = {stem(file): file for file in _files(store, store.entries(TRUTH), ANSWER_KEY, _dialect(source.manifest))}
    tables = dict(source.tables)
    for name in faulty:
        if name in tables and all(stem(file) in keys for file in tables[name]):
            tables[name] = tuple(_answered(file, keys[stem(file)], name) for file in tables[name])
    return replace(source, tables=tables)


def _answered(file: DataFile, key: DataFile, table: str) -> DataFile:
    if not key.rows:  # an empty text file has no columns
        return file.with_key(SCHEMA.empty_table())
    rows = read(key, SCHEMA.names, {field.name: field.type for field in SCHEMA})
    if rows.schema.names != SCHEMA.names:
        raise DataError(f"'{key.path}' is no answer key of faults")
    try:
        rows = rows.cast(pa.schema([(f.name, pa.int64() if f.name == "row" else pa.string()) for f in SCHEMA]))
    except (pa.ArrowException, ValueError) as error:
        raise DataError(f"'{key.path}' is no answer key of faults: {str(error)[:200]}") from None
    return file.with_key(rows.filter(pc.equal(rows["table"], table)))


def stem(file: DataFile) -> str:
    """The name of a file without its folder and extension."""
    return Path(file.path).name.partition(".")[0]


def _check_finished(store: Store) -> None:
    """Refuse an unfinished run of datagen, because the dataset is incomplete."""
    run = store.entry(RUN_FOLDER)
    if run is not None and run.kind == "folder" and store.entry(SUCCESS) is None:
        made = len(store.entries(RECEIPTS))
        raise DataError(
            f"the run in '{store.address}' is not finished ({made:,} partitions are complete, there is no _SUCCESS); "
            f"continue it with the same 'datagen generate' command and --resume, then validate it"
        )


def _named(
    tables: Mapping[str, tuple[DataFile, ...]], columns: Mapping[str, Sequence[str]]
) -> dict[str, tuple[DataFile, ...]]:
    return {
        name: tuple(
            file
            if file.columns or file.format != "jsonl"
            else replace(file, columns=dict.fromkeys(columns[name], "text"))
            for file in files
        )
        for name, files in tables.items()
    }


def _nothing(store: Store, there: Sequence[Entry], expected: list[str]) -> str:
    names = [entry.name for entry in there if not entry.name.startswith(("_", "."))]
    for folder in (name for name in names if name in expected):
        unread = [one.name for one in store.entries(folder) if not one.name.startswith((".", "_"))]
        if unread:
            more = " ..." if len(unread) > 3 else ""
            return (
                f"no file of '{folder}' in '{store.address}' has a format that is read: {', '.join(unread[:3])}{more}; "
                f"known: {', '.join(FORMATS)}, without compression"
            )
    message = f"it has {', '.join(names[:8])}{' ...' if len(names) > 8 else ''}" if names else "it is empty"
    return f"'{store.address}' has none of the tables of the schema ({', '.join(expected[:8])}): {message}"


def _dialect(manifest: Manifest | None) -> tuple[str, str]:
    """Separator and decimal mark of CSV files: those of datagen's run, else the usual ones."""
    sink = manifest.sink if manifest is not None else {}
    return str(sink.get("separator") or ",")[:1], str(sink.get("decimal") or ".")[:1]


def _files(store: Store, there: Sequence[Entry], table: str, dialect: tuple[str, str]) -> tuple[DataFile, ...]:
    """The files of one table: those in the folder of its name, or the single file of its name."""
    by_name = {entry.name: entry for entry in there}
    found = [entry for entry in there if entry.name.rpartition(".")[0] == table and is_read(_extension(entry))]
    if table in by_name:
        inside = data_files(store, _not_linked(store, by_name[table]).key)
        found += [e for e in inside if not e.name.startswith((".", "_")) and is_read(_extension(e))]
    if len({_extension(entry) for entry in found}) > 1:
        names = ", ".join(entry.name for entry in found[:4])
        raise DataError(f"table '{table}' exists in several formats ({names}); keep one of them")
    return tuple(opened(store, _not_linked(store, entry), dialect) for entry in found)


def _extension(entry: Entry) -> str:
    return entry.name.rpartition(".")[2]


def _not_linked(store: Store, entry: Entry) -> Entry:
    """Refuse a symbolic link: a folder must not lead out of itself."""
    if entry.kind == "link":
        raise DataError(f"'{entry.key}' in '{store.address}' is a symbolic link; put the files themselves there")
    return entry


def _manifest(store: Store) -> Manifest | None:
    """The manifest of a finished run; None if there is none, or if it cannot be read. The data is validated anyway."""
    try:
        return Manifest.parse(read_json(store, MANIFEST))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OutputError):
        return None
