"""The base class of stores: files under keys below one root, and the operations of a run, a reader and a validation.

A key is a relative path with slashes (`orders/part-00000.parquet`). An address is a path, or a URL whose scheme names
the store.
"""

from __future__ import annotations

import hashlib
import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import BinaryIO, ClassVar, Literal, Self

from xxhash import xxh3_128

from datagen.errors import AddressError
from datagen.locations import local_path, no_store, scheme_of, url_of

STORES: dict[str, type[Store]] = {}
"""Scheme -> store. A subclass of `Store` with schemes registers itself."""
ENTRY_POINTS = "datagen.stores"
"""The group of entry points for stores of other packages, by scheme."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a folder: its key, and its size in bytes if it is a file. `link` is a symbolic link, `other` is
    anything else that is not a regular file (such as a pipe).
    """

    key: str
    kind: Literal["file", "folder", "link", "other"]
    size: int = 0

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]


class Store(ABC):
    """Files under keys. Stores are small values that are sent to workers; `address` names the root in messages.

    Every write is atomic: a reader sees the old file, the new one or none. All operations raise OSError for errors of
    the disk or the service, FileNotFoundError for a missing file.
    """

    __slots__ = ()
    schemes: ClassVar[tuple[str, ...]] = ()
    """The URL schemes of the store."""
    locks: ClassVar[bool] = False
    """Whether `held` keeps all other drivers out, so that a failed run can remove its files without a race."""
    address: str

    def __init_subclass__(cls) -> None:
        for scheme in cls.schemes:
            STORES[scheme] = cls

    @classmethod
    @abstractmethod
    def at(cls, address: str) -> Self:
        """The store at an address of one of its schemes. Raises AddressError if it is invalid."""

    # --- files ---------------------------------------------------------------------------------------------------

    @abstractmethod
    def get(self, key: str) -> bytes:
        """The bytes of a file."""

    @abstractmethod
    def put(self, key: str, file: Path) -> None:
        """Publish a finished local file, made in `scratch`, under a key, replacing an existing one. It is durable on
        return.

        The local file may be moved.
        """

    def publish(self, key: str, file: Path, attempt: str) -> None:
        """Like `put`, for a file of an attempt: a file of a driver that has taken over since is not replaced. Raises
        OutputError if there is one. Nothing to compare where `held` excludes others.
        """
        self.put(key, file)

    @abstractmethod
    def put_if_absent(self, key: str, file: Path) -> None:
        """Like `put`, but raises FileExistsError if the key exists. Of several concurrent calls, one succeeds."""

    @abstractmethod
    def put_empty(self, key: str) -> None:
        """Publish an empty file, without scratch."""

    @abstractmethod
    def entries(self, folder: str = "") -> list[Entry]:
        """The entries of a folder in key order; empty if there is no such folder."""

    @abstractmethod
    def entry(self, key: str) -> Entry | None:
        """The entry of a key; None if there is none. Links are not followed."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove a file; no error if it is missing."""

    @abstractmethod
    def open(self, key: str) -> BinaryIO:
        """A seekable file to read from. Raises ValueError if it is not a regular file."""

    def path_or_url(self, key: str) -> str:
        """The address of a file, which `at_address` resolves in any process."""
        return f"{self.address}/{key}"

    def hash_of(self, key: str) -> str:
        """The XXH3 hash (128 bits, hexadecimal) of the bytes of a file."""
        with self.open(key) as file:
            return _digest(file)

    def missing(self) -> str:
        """Why nothing can be read below the root; empty if something can."""
        return "" if self.exists() else f"there is nothing at '{self.address}'"

    # --- the root as an output --------------------------------------------------------------------------

    def exists(self) -> bool:
        """Whether there is anything below the root."""
        return bool(self.entries())

    @abstractmethod
    def check_root(self) -> None:
        """Raises OutputError if the root is not writable, or is not what its address says."""

    @abstractmethod
    def held(self, attempt: str) -> AbstractContextManager[None]:
        """Lock the root for one driver. Raises OutputError if another driver is known to hold the lock."""

    def busy(self) -> bool | None:
        """Whether a driver holds the root now; None where that cannot be known."""
        return None

    @abstractmethod
    def take(self, attempt: str) -> None:
        """Make an attempt the active writer. Needed if `held` cannot exclude others: the last attempt that takes the
        root is active. Raises OutputError while another one is `erasing`.
        """

    @abstractmethod
    def check_held(self, attempt: str) -> None:
        """Raises OutputError if an attempt is no longer the active writer."""

    def erasing(self, attempt: str) -> AbstractContextManager[None]:
        """Keep other drivers out while the active writer deletes what an earlier run wrote. Raises OutputError if that
        cannot be done. Nothing to do where `held` excludes others.
        """
        return nullcontext()

    @abstractmethod
    def begin(self, attempt: str) -> None:
        """Prepare the root for the unfinished files of an attempt."""

    @abstractmethod
    def scratch(self, attempt: str) -> AbstractContextManager[Path]:
        """A local folder for unfinished files of an attempt. Raises RunError if the attempt is over."""

    @abstractmethod
    def clear_scratch(self) -> None:
        """Remove the unfinished files of all attempts that the driver can reach."""

    @abstractmethod
    def make_folders(self, folders: Iterable[str]) -> None:
        """Make folders, parents first, if the store has folders."""

    @abstractmethod
    def remove_folder(self, folder: str) -> None:
        """Remove a folder if it is empty, if the store has folders."""


def file_hash(path: Path) -> str:
    """The XXH3 hash (128 bits, hexadecimal) of the bytes of a local file.

    It detects accidental damage in a tenth of the time of a cryptographic hash, which would take a twelfth of a run.
    """
    with path.open("rb") as file:
        return _digest(file)


def _digest(file: BinaryIO) -> str:
    return hashlib.file_digest(file, xxh3_128).hexdigest()  # type: ignore[arg-type]  # every binary file has readinto


def store_at(address: str | Path) -> Store:
    """The store of an address: a local folder, or the store of its scheme. Raises AddressError if there is none."""
    scheme = scheme_of(address)
    if scheme is None or scheme == "file":
        return _member("file").at(str(local_path(address)))
    return _member(scheme, url_of(address)).at(url_of(address))


def _member(scheme: str, url: str = "") -> type[Store]:
    if scheme not in STORES:
        load()
    if scheme not in STORES:
        raise AddressError(no_store(url, scheme, sorted(set(STORES) - {"file"})))
    return STORES[scheme]


@cache
def load() -> None:
    """Import every store, including those of other packages."""
    package = importlib.import_module("datagen.kinds.stores")
    for module in pkgutil.iter_modules(package.__path__):
        if not module.ispkg:
            importlib.import_module(f"datagen.kinds.stores.{module.name}")
    for found in entry_points(group=ENTRY_POINTS):
        found.load()


def at_address(address: str | Path) -> tuple[Store, str]:
    """The store and the key of one file, from the result of `Store.path_or_url`."""
    folder, _, name = str(address).rpartition("/")
    return store_at(folder or "."), name


@contextmanager
def readable_address(address: str | Path) -> Iterator[str | BinaryIO]:
    """A file for the readers of Arrow: its path if it is local (read without Python), else the opened file. Raises
    OSError for a pipe, which would block.
    """
    if scheme_of(address) in (None, "file"):
        path = local_path(address)
        if path.is_fifo():
            raise OSError("it is not a regular file")
        yield str(path)
    else:
        store, key = at_address(address)
        with store.open(key) as file:
            yield file


def address_hash(address: str | Path) -> str:
    """The XXH3 hash (128 bits, hexadecimal) of the bytes of a file, from the result of `Store.path_or_url`."""
    with readable_address(address) as file:
        return file_hash(Path(file)) if isinstance(file, str) else _digest(file)
