"""The keys of an output: names of files, and which of them datagen writes.

orders/part-00000.parquet           a table: one file per partition that has rows of it
orders/day=2024-01-31/part-...      the same, where the format divides files by the values of columns
orders/_delta_log/...               what the commit of a table format writes
dataset.duckdb                      the same, for all tables together
_truth/orders/part-00000.parquet    its hidden columns
_run/run.json                       which run the output belongs to: made first, exclusively
_run/receipts/part-00000.json       partition 0 is complete
_run/driver.json                    in an object store: the driver that writes now
_run/erasing.json                   in an object store: the driver that deletes the files of an earlier run now
_run/tmp/<attempt>/                 in a folder: unfinished files of one attempt; gone when the run is done
_truth/truth.json                   what was planted
datapackage.json croissant.json er.mmd    the tables described for other tools
schema.json  manifest.json  _SUCCESS
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from datagen.errors import OutputError
from datagen.kinds.stores.base import Entry, Store

RUN_FOLDER, RECEIPTS, TRUTH, SCRATCH = "_run", "_run/receipts", "_truth", "_run/tmp"
RUN, DOCUMENT = "_run/run.json", "schema.json"
_DRIVER_FILES = frozenset({"_run/driver.json", "_run/erasing.json"})
MANIFEST, SUCCESS = "manifest.json", "_SUCCESS"
PART = re.compile(r"part-(\d{5,12})\.[a-z]{1,16}\Z")
_NO_SEPARATOR = r"[^/\\=\x00-\x1f\x7f]"
_DATA = re.compile(
    rf"(?P<folders>(?:{_NO_SEPARATOR}+={_NO_SEPARATOR}*/)*)part-(?P<number>\d{{5,12}})\.[a-z]{{1,16}}\Z", re.ASCII
)
_FOLDER = re.compile(rf"{_NO_SEPARATOR}+={_NO_SEPARATOR}*\Z")
_TABLE = re.compile(r"(_truth/)?[A-Za-z][A-Za-z0-9_]*(/(_[a-z][a-z_]*|metadata))?\Z")
SIDECARS = ("datapackage.json", "croissant.json", "er.mmd", "_truth/truth.json")
"""The sidecar files of a finished dataset."""
_LEFT_BY_PEOPLE = frozenset({".gitignore", ".gitkeep", "lost+found"})
"""Files that an empty folder may have."""
_LEFT_BY_SYSTEMS = frozenset({".DS_Store", ".directory", "Thumbs.db", "desktop.ini", "Desktop.ini"})


def part_name(partition: int, extension: str) -> str:
    """The name of the file of a partition."""
    return f"part-{partition:05d}.{extension}"


@dataclass(frozen=True, slots=True)
class AnyName:
    """The names of files in a folder that is a table format's own."""

    def __contains__(self, name: object) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Parts:
    """The names of the files of partitions 0 to `count` - 1, in Hive folders if they are `split`. An `extension` of
    None matches any.
    """

    count: int
    extension: str | None
    split: bool = False

    def __contains__(self, name: object) -> bool:
        number = part_number(name) if isinstance(name, str) else None
        if number is None or not isinstance(name, str) or ("/" in name and not self.split):
            return False
        known = self.extension is None or name.rpartition("/")[2] == part_name(number, self.extension)
        return known and number < self.count


@dataclass(frozen=True, slots=True)
class PlannedParts:
    """The names of the files of these partitions, in Hive folders if they are `split`."""

    names: AbstractSet[str]
    split: bool

    def __contains__(self, name: object) -> bool:
        folders, _, last = name.rpartition("/") if isinstance(name, str) else ("", "", "")
        return last in self.names and (not folders or (self.split and part_number(f"{folders}/{last}") is not None))


def part_number(name: str) -> int | None:
    """The partition of a data file, by its name below the folder of its table; None for other files."""
    match = _DATA.match(name)
    return int(match["number"]) if match else None


def data_files(store: Store, folder: str) -> Iterator[Entry]:
    """The entries of the folder of a table and of its Hive folders."""
    for entry in store.entries(folder):
        if entry.kind == "folder" and _FOLDER.match(entry.name):
            yield from data_files(store, entry.key)
        else:
            yield entry


def hive_folders(store: Store, folder: str) -> Iterator[str]:
    """The Hive folders of a table, those inside others first."""
    for entry in store.entries(folder):
        if entry.kind == "folder" and _FOLDER.match(entry.name):
            yield from hive_folders(store, entry.key)
            yield entry.key


def table_folder(name: str) -> str:
    """The folder of a table (`orders`), of its hidden columns (`_truth/orders`) or of its log (`orders/_delta_log`).
    Raises OutputError for an invalid name.
    """
    if not _TABLE.match(name):
        raise OutputError(f"'{name[:80]}' cannot be a folder name: use letters, digits and underscores")
    return name


def receipt_key(partition: int) -> str:
    """The key of the receipt of a partition."""
    return f"{RECEIPTS}/part-{partition:05d}.json"


def sidecar_key(name: str) -> str:
    """The key of a sidecar file."""
    if name not in SIDECARS:
        raise OutputError(f"'{name[:80]}' is not a sidecar file; known: {', '.join(SIDECARS)}")
    return name


def folders(tables: Iterable[str]) -> list[str]:
    """Every folder that a run over `tables` uses, parents first."""
    return [RUN_FOLDER, RECEIPTS, SCRATCH, TRUTH, *map(table_folder, tables)]


def finished_files(
    store: Store, tables: Iterable[str], logs: Iterable[str] = (), root_files: Iterable[str] = ()
) -> Iterator[str]:
    """The keys of finished files, in the order in which an overwrite removes them. `logs` are folders, and `root_files`
    files, that the commit of a format writes: they come before the data, so that no log names a file that is gone.
    """
    about = (SUCCESS, MANIFEST, DOCUMENT, *SIDECARS, *root_files)
    yield from (key for key in about if store.entry(key) is not None)
    for folder in map(table_folder, logs):
        yield from (entry.key for entry in store.entries(folder) if entry.kind == "file")
    for folder in (RECEIPTS, *map(table_folder, tables)):
        yield from (entry.key for entry in data_files(store, folder) if PART.match(entry.name))


def foreign_files(
    store: Store, tables: Mapping[str, Container[str]] | None, receipts: Container[str] = ()
) -> list[str]:
    """The keys of files that no run over `tables` writes. Symbolic links are always among them.

    `tables` maps each folder (`""` for the root) to the names of files that the run may write; it is None if no run has
    begun, and then even a `_SUCCESS` is foreign. `receipts` has the names of the run's receipts.
    """
    names = {name: name and table_folder(name) for name in tables or {}}
    expected = {RECEIPTS: receipts, **{names[name]: parts for name, parts in (tables or {}).items()}}
    known = set(folders(name for name in names if name))
    files = {RUN, MANIFEST, DOCUMENT, SUCCESS, *SIDECARS} if tables else set()
    return [
        entry.key
        for folder in ("", *sorted(known - {SCRATCH}))
        for entry in data_files(store, folder)
        if not (
            _ours(entry, known, files | _DRIVER_FILES, (expected.get(folder, ()), folder)) or _ignored(store, entry)
        )
    ]


def _ours(entry: Entry, known: Container[str], files: Container[str], expected: tuple[Container[str], str]) -> bool:
    if entry.kind == "folder":
        return entry.key in known
    parts, folder = expected
    return entry.kind == "file" and (entry.key in files or entry.key.removeprefix(f"{folder}/") in parts)


def _ignored(store: Store, entry: Entry) -> bool:
    """Whether it is a system file, or a folder with nothing but system files."""
    if entry.kind in ("link", "other"):
        return False
    if entry.name in _LEFT_BY_PEOPLE or left_by_system(entry.name):
        return True
    inside = store.entries(entry.key) if entry.kind == "folder" else []
    return inside != [] and all(_ignored(store, one) for one in inside)


def left_by_system(name: str) -> bool:
    """Whether operating systems create files of this name by themselves."""
    return name in _LEFT_BY_SYSTEMS or name.startswith(("._", ".nfs"))
