"""The names in an output folder: which file lies where, and which names are ours.

orders/part-00000.parquet           a table: one file per partition that has rows of it
_truth/orders/part-00000.parquet    its hidden columns
_run/run.json                       whose folder this is: made first, exclusively
_run/receipts/part-00000.json       partition 0 is complete
_run/tmp/<attempt>/                 unfinished files of one attempt; gone when the run is done
_truth/truth.json                   what was planted
datapackage.json croissant.json er.mmd    the tables described for other tools
schema.json  manifest.json  _SUCCESS
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from datagen.errors import OutputError

PART = re.compile(r"part-(\d{5,12})\.[a-z]{1,16}\Z")
_TABLE = re.compile(r"(_truth/)?[A-Za-z][A-Za-z0-9_]*\Z")
BESIDE = ("datapackage.json", "croissant.json", "er.mmd", "_truth/truth.json")
"""What may be written about the data when it is finished."""
_NEVER_MINDED = frozenset({".gitignore", ".gitkeep", "lost+found"})
"""What people leave in an empty folder."""
_LITTER = frozenset({".DS_Store", ".directory", "Thumbs.db", "desktop.ini", "Desktop.ini"})


def part_name(partition: int, extension: str) -> str:
    """The name of the file of a partition."""
    return f"part-{partition:05d}.{extension}"


@dataclass(frozen=True, slots=True)
class Parts:
    """The names of the files of partitions 0 to `count` - 1; `extension` None stands for any."""

    count: int
    extension: str | None

    def __contains__(self, name: object) -> bool:
        match = PART.match(name) if isinstance(name, str) else None
        if match is None or not isinstance(name, str):
            return False
        known = self.extension is None or name == part_name(int(match[1]), self.extension)
        return known and int(match[1]) < self.count


@dataclass(frozen=True, slots=True)
class Layout:
    """The names below one output folder. All paths come from here; another kind of store would replace this class."""

    root: Path

    def table(self, name: str) -> Path:
        """The folder of a table (`orders`) or of its hidden columns (`_truth/orders`)."""
        if not _TABLE.match(name):
            raise OutputError(f"'{name[:80]}' cannot be a folder name: use letters, digits and underscores")
        return self.root.joinpath(*name.split("/"))

    def part(self, table: str, partition: int, extension: str) -> Path:
        return self.table(table) / part_name(partition, extension)

    def receipt(self, partition: int) -> Path:
        return self.receipts / f"part-{partition:05d}.json"

    def about(self, name: str) -> Path:
        """One of the files that may be written about the data."""
        if name not in BESIDE:
            raise OutputError(f"'{name[:80]}' is not written beside the data; known: {', '.join(BESIDE)}")
        return self.root.joinpath(*name.split("/"))

    def drafts(self, attempt: str) -> Path:
        """Where one attempt of the driver, and the tasks it sends out, keep unfinished files."""
        return self.own / "tmp" / attempt

    @property
    def own(self) -> Path:
        return self.root / "_run"

    @property
    def run(self) -> Path:
        return self.own / "run.json"

    @property
    def receipts(self) -> Path:
        return self.own / "receipts"

    @property
    def tmp(self) -> Path:
        return self.own / "tmp"

    @property
    def manifest(self) -> Path:
        return self.root / "manifest.json"

    @property
    def document(self) -> Path:
        return self.root / "schema.json"

    @property
    def success(self) -> Path:
        return self.root / "_SUCCESS"

    def folders(self, tables: Iterable[str]) -> list[Path]:
        """Every folder below the root that a run over `tables` uses, parents first."""
        named = [self.table(name) for name in tables]
        return [self.own, self.receipts, self.tmp, self.root / "_truth", *named]

    def finished(self, tables: Iterable[str]) -> Iterator[Path]:
        """The finished files there are, in the order in which an overwrite removes them."""
        about = (self.success, self.manifest, self.document, *map(self.about, BESIDE))
        yield from (path for path in about if path.exists())
        for folder in [self.receipts, *map(self.table, tables)]:
            if folder.is_dir():
                yield from sorted(path for path in folder.iterdir() if PART.match(path.name))

    def strangers(self, tables: Mapping[str, Container[str]] | None, receipts: Container[str] = ()) -> list[Path]:
        """What lies in the folder that no run over `tables` wrote; symbolic links are always strangers.

        `tables` holds, for each folder, the names of files that the run may write; `receipts` those of its receipts. It is
        None where no run has begun: then even a `_SUCCESS` is someone else's.
        """
        holding = {self.receipts: receipts, **{self.table(name): parts for name, parts in (tables or {}).items()}}
        folders = set(self.folders(tables or ()))
        files = {self.run, self.manifest, self.document, self.success, *map(self.about, BESIDE)} if tables else set()
        found = []
        for folder in (self.root, *sorted(folders - {self.tmp})):
            if folder.is_dir() and not (folder != self.root and folder.is_symlink()):
                found += [
                    path
                    for path in sorted(folder.iterdir())
                    if not (_ours(path, folders, files, holding.get(folder, ())) or _never_minded(path))
                ]
        return found


def _ours(path: Path, folders: Container[Path], files: Container[Path], parts: Container[str]) -> bool:
    if path.is_symlink():
        return False
    return (path in folders and path.is_dir()) or ((path in files or path.name in parts) and path.is_file())


def _never_minded(path: Path) -> bool:
    """What systems leave in a folder, and folders in which there is nothing else."""
    if path.is_symlink():
        return False
    if path.name in _NEVER_MINDED or is_litter(path.name):
        return True
    return path.is_dir() and (inside := list(path.iterdir())) != [] and all(map(_never_minded, inside))


def is_litter(name: str) -> bool:
    """Whether a system puts files of this name anywhere, and makes them again when they are gone."""
    return name in _LITTER or name.startswith(("._", ".nfs"))
