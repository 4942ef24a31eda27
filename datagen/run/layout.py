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
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from datagen.errors import OutputError

PART = re.compile(r"part-(\d{5,12})\.[a-z]{1,16}\Z")
_TABLE = re.compile(r"(_truth/)?[A-Za-z][A-Za-z0-9_]*\Z")
BESIDE = ("datapackage.json", "croissant.json", "er.mmd", "_truth/truth.json")
"""What may be written about the data when it is finished."""
_NEVER_MINDED = frozenset({".DS_Store", ".gitignore", ".gitkeep", "lost+found"})
"""What systems and people leave in an empty folder."""


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
        return self.table(table) / f"part-{partition:05d}.{extension}"

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

    def strangers(self, tables: Iterable[str] | None) -> list[Path]:
        """What lies in the folder that no run over `tables` wrote; symbolic links are always strangers.

        `tables` is None where no run has begun: then even a `_SUCCESS` is someone else's.
        """
        holding = [self.receipts, *(self.table(name) for name in tables or ())]
        known = set(self.folders(tables or ()))
        if tables is not None:
            known |= {self.run, self.manifest, self.document, self.success, *map(self.about, BESIDE)}
        found = []
        for folder in (self.root, *sorted(known - {self.tmp})):
            if folder.is_dir() and not (folder != self.root and folder.is_symlink()):
                for path in sorted(folder.iterdir()):
                    ours = path in known or (folder in holding and PART.match(path.name))
                    if path.is_symlink() or not (ours or path.name in _NEVER_MINDED):
                        found.append(path)
        return found
