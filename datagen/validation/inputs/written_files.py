"""Compares the files of a dataset that datagen wrote with those that its manifest names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from datagen.kinds.faults.base import ANSWER_KEY
from datagen.kinds.stores.base import Entry, Store
from datagen.runtime.manifest import Manifest
from datagen.runtime.storage.layout import MANIFEST, RUN_FOLDER, TRUTH, data_files, table_folder
from datagen.validation.inputs.files import DataFile, is_read

Changes = Mapping[str, tuple[str, ...]]
"""By table: its files that are missing, and files that the run did not write."""


def changes(store: Store, manifest: Manifest | None, tables: Mapping[str, Sequence[DataFile]]) -> Changes:
    """What differs from the manifest by names. `tables` are the files that were found, by folder. Other tables in the
    output are reported with the first one. Empty for data of other writers.
    """
    first = next(iter(tables), "")
    if manifest is None:
        ours = store.entry(RUN_FOLDER) is not None
        return {first: (f"{MANIFEST} is missing, damaged or of another version",)} if ours else {}
    found, read = dict[str, list[str]](), set[str]()
    for folder, files in tables.items():
        there, known = {_key(store, file) for file in files}, set(_hashes(manifest, [folder]))
        faults = [f"{key} is missing" for key in sorted(known - there)]
        faults += [f"{key} is not a file of this run" for key in sorted(there - known)]
        table = first if folder == f"{TRUTH}/{ANSWER_KEY}" else folder.removeprefix(f"{TRUTH}/")
        found.setdefault(table, []).extend(faults)
        read |= there
    others = _other_tables(store, {*manifest.tables, *tables, *read})
    found.setdefault(first, []).extend(f"{key} is not of this run" for key in others)
    return {table: tuple(faults) for table, faults in found.items() if faults}


def with_hashes(
    store: Store, manifest: Manifest, tables: Mapping[str, Sequence[DataFile]]
) -> dict[str, tuple[DataFile, ...]]:
    """The files of the tables with the hashes of the bytes that the run wrote."""
    hashes = _hashes(manifest, manifest.tables)
    return {
        folder: tuple(replace(file, xxh3=hashes.get(_key(store, file), "")) for file in files)
        for folder, files in tables.items()
    }


def _hashes(manifest: Manifest, folders: Iterable[str]) -> dict[str, str]:
    known = {folder: manifest.tables[folder].files for folder in folders if folder in manifest.tables}
    return {f"{table_folder(folder)}/{file.name}": file.xxh3 for folder, files in known.items() for file in files}


def _key(store: Store, file: DataFile) -> str:
    return file.path.removeprefix(store.path_or_url(""))


def _other_tables(store: Store, known: Collection[str]) -> list[str]:
    """Folders and files of data that stand beside those of the tables."""
    beside = [entry for entry in store.entries() if not entry.name.startswith(("_", ".")) and entry.key not in known]
    return [entry.key for entry in beside if any(map(_is_data, _files(store, entry)))]


def _files(store: Store, entry: Entry) -> Iterable[Entry]:
    return data_files(store, entry.key) if entry.kind == "folder" else [entry]


def _is_data(entry: Entry) -> bool:
    return entry.kind == "file" and is_read(entry.name.rpartition(".")[2])
