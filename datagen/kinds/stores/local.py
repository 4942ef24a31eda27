"""A local folder: files are written under a temporary name, synced, and renamed."""

from __future__ import annotations

import os
import shutil
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, ClassVar, Self

from datagen.errors import OutputError, RunError
from datagen.kinds.stores.base import Entry, Store

_OWN = "_run"
"""The folder of a run's own files, locked by its driver."""
_SCRATCH = "_run/tmp"
"""Unfinished files, on the same file system as finished ones, with a folder for each attempt."""
_CLEARINGS = 20
"""Attempts to empty the scratch folder: a worker that is being stopped may put a file into it meanwhile."""


@dataclass(frozen=True, slots=True)
class LocalStore(Store):
    """A folder of this machine, or one that all workers share.

    Tasks never make folders. A task that outlives its driver therefore loses the folder of its attempt, and cannot
    publish into a later run.
    """

    root: Path
    schemes: ClassVar[tuple[str, ...]] = ("file",)
    locks: ClassVar[bool] = True

    @property
    def address(self) -> str:  # type: ignore[override]
        """The path of the root."""
        return str(self.root)

    @classmethod
    def at(cls, address: str) -> Self:
        return cls(Path(address).absolute())

    def path(self, key: str) -> Path:
        """The path of a key. Raises ValueError for a key outside the root."""
        if ".." in key.split("/") or key.startswith("/"):
            raise ValueError(f"'{key[:80]}' is outside its store")
        return self.root / key

    def get(self, key: str) -> bytes:
        with self.open(key) as file:
            return file.read()

    def put(self, key: str, file: Path) -> None:
        final = self.path(key)
        _sync(file)
        file.replace(final)
        _sync_folder(final.parent)

    def put_if_absent(self, key: str, file: Path) -> None:
        final = self.path(key)
        _sync(file)
        try:
            os.link(file, final)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            with final.open("xb") as copy:
                copy.write(file.read_bytes())
            _sync(final)
        finally:
            file.unlink(missing_ok=True)
        _sync_folder(final.parent)

    def put_empty(self, key: str) -> None:
        self.path(key).touch()
        _sync_folder(self.path(key).parent)

    def entries(self, folder: str = "") -> list[Entry]:
        path = self.path(folder)
        if not path.is_dir() or (folder and path.is_symlink()):
            return []
        prefix = f"{folder}/" if folder else ""
        return [_entry(prefix + child.name, child) for child in sorted(path.iterdir())]

    def entry(self, key: str) -> Entry | None:
        try:
            return _entry(key, self.path(key))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def delete(self, key: str) -> None:
        self.path(key).unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        path = self.path(key)
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would block
            raise ValueError("it is not a regular file")
        return path.open("rb")

    def exists(self) -> bool:
        return self.root.exists()

    def missing(self) -> str:
        if not self.root.exists():
            return f"there is no folder '{self.root}'"
        return "" if self.root.is_dir() else f"'{self.root}' is not a folder"

    def check_root(self) -> None:
        for path in (self.root, self.path(_OWN)):
            if path.is_symlink():
                raise OutputError(f"{path} is a symbolic link; name the folder itself")
            if path.exists() and not path.is_dir():
                raise OutputError(f"{path} is not a folder; choose another output folder")

    @contextmanager
    def held(self, attempt: str) -> Iterator[None]:
        """Lock the folder until the block or the process ends."""
        self.path(_OWN).mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path(_OWN), os.O_RDONLY)
        try:
            self._lock(handle)
            yield
        finally:
            os.close(handle)

    def busy(self) -> bool | None:
        if not self.path(_OWN).is_dir():
            return False
        try:
            with self.held(""):
                return False
        except OutputError:
            return True

    def _lock(self, handle: int) -> None:
        if sys.platform == "win32":
            return
        import fcntl  # not available on every system

        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError(f"another run is writing to {self.root} now; wait, or choose another folder") from None
        except OSError:
            pass  # no locks on this file system: the exclusive record still excludes a second first run

    def take(self, attempt: str) -> None:
        """Nothing to do: the lock excludes others."""

    def check_held(self, attempt: str) -> None:
        """Nothing to do: the lock lasts as long as the process."""

    def begin(self, attempt: str) -> None:
        self.path(f"{_SCRATCH}/{attempt}").mkdir(parents=True, exist_ok=True)

    @contextmanager
    def scratch(self, attempt: str) -> Iterator[Path]:
        folder = self.path(f"{_SCRATCH}/{attempt}")
        if not folder.is_dir():
            raise RunError(f"{folder} is missing: the output folder is not shared by all workers, or the run ended")
        yield folder

    def clear_scratch(self) -> None:
        folder = self.path(_SCRATCH)
        for _ in range(_CLEARINGS):
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                return

    def make_folders(self, folders: Iterable[str]) -> None:
        for folder in folders:
            self.path(folder).mkdir(exist_ok=True)
        _sync_folder(self.root)

    def remove_folder(self, folder: str) -> None:
        with suppress(OSError):  # missing, or not empty
            self.path(folder).rmdir()


def _entry(key: str, path: Path) -> Entry:
    known = path.lstat()
    if stat.S_ISREG(known.st_mode):
        return Entry(key, "file", known.st_size)
    if stat.S_ISLNK(known.st_mode):
        return Entry(key, "link")
    return Entry(key, "folder" if stat.S_ISDIR(known.st_mode) else "other")


def _sync(path: Path) -> None:
    """Force the bytes of a file to disk."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Force the names in a folder to disk, if the system supports it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    with suppress(OSError):  # some network file systems cannot sync a folder
        os.fsync(handle)
    os.close(handle)
