"""Object stores through fsspec: the common part of S3, Google Cloud Storage and Azure.

A file is encoded on the worker's disk and uploaded at once, so that a reader never sees a part of it. There are no
locks: the last driver that wrote `_run/driver.json` is the active one, and all others stop at their next check.
A deletion cannot be made conditional on that, so `_run/erasing.json` keeps all others out while a driver deletes.
A file of a run is uploaded on the condition that there is none. So an upload of an old run that comes late does not
replace a file of a new one, which replaces the old file if that comes first.
Credentials come from the environment, never from the document or the command line.
"""

from __future__ import annotations

import errno
import importlib.util
import json
import os
import socket
import time
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO, ClassVar, Self, TypeVar

from datagen.errors import AddressError, OutputError
from datagen.kinds.stores.base import Entry, Store, file_hash

DRIVER, ERASING = "_run/driver.json", "_run/erasing.json"
PAUSES = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds between retries of an operation that failed temporarily (throttling, a lost connection)."""
PATIENCE = 45.0
"""Seconds from the first attempt after which an operation is not tried again: some libraries retry for a minute
themselves, and a service that does not answer takes as long.
"""
_FINAL = (FileNotFoundError, FileExistsError, PermissionError, NotADirectoryError, IsADirectoryError)
_FINAL_NUMBERS = (errno.EINVAL, errno.ENOSYS)
"""Errors that a retry would not change."""
MAX_REPLACED = 5
"""The most files of others that are removed from one key: each task of an earlier run uploads one at most."""
_UNCONDITIONAL: set[str] = set()
"""Addresses whose service has no conditional uploads of files."""
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ObjectStore(Store):
    """Keys below a prefix of a bucket; `url` has no slash at its end."""

    url: str
    package: ClassVar[str]
    """The package of fsspec's file system."""
    extra: ClassVar[str] = ""
    """The extra of datagen that installs it; empty for a store of another distribution."""
    options: ClassVar[Mapping[str, Any]] = {}
    """Options of the file system, besides the environment."""
    upload: ClassVar[Mapping[str, Any]] = {}
    """Options of an upload. The parts of a file that are in memory at once must be small beside a task."""
    if_absent: ClassVar[Mapping[str, Any]] = {"mode": "create"}
    """Options of an upload that fails with FileExistsError if the object exists. With none of them, an upload of an old
    run that comes late replaces a file of a new one.
    """

    @property
    def address(self) -> str:  # type: ignore[override]
        """The URL of the root."""
        return self.url

    @classmethod
    def at(cls, address: str) -> Self:
        if not address.partition("://")[2]:
            raise AddressError(f"'{address}' names no bucket; write {address}BUCKET/PREFIX")
        if importlib.util.find_spec(cls.package) is None:
            install = f"'datagen[{cls.extra}]'" if cls.extra else cls.package
            raise AddressError(
                f"'{address}' needs the package {cls.package}: pip install {install}. "
                f"Or give a local folder, and copy it"
            )
        return cls(address)

    @abstractmethod
    def create(self, data: bytes, mark: str, files: Any, path: str) -> None:
        """Write an object that must not exist, with `mark` in its metadata, in one conditional request. Raises
        FileExistsError if it exists.
        """

    @abstractmethod
    def mark_of(self, files: Any, path: str) -> str:
        """The mark in the metadata of an object; empty if it has none."""

    def files(self) -> Any:
        """The file system of fsspec for operations that are retried here."""
        return self.file_system(self.options)

    def readable_files(self) -> Any:
        """The file system of fsspec for opened files, whose reads are not retried here."""
        return self.files()

    def file_system(self, options: Mapping[str, Any]) -> Any:
        """The file system of fsspec with these options; one for each process."""
        import fsspec  # imports the libraries of the service, which takes a second

        return fsspec.filesystem(self.url.partition("://")[0], use_listings_cache=False, **options)

    def path(self, key: str) -> str:
        """The path of a key for fsspec: without scheme. Raises ValueError for a key outside the root."""
        if ".." in key.split("/") or key.startswith("/"):
            raise ValueError(f"'{key[:80]}' is outside its store")
        root = self.url.partition("://")[2]
        return f"{root}/{key}" if key else root

    # --- files ---------------------------------------------------------------------------------------------------

    def get(self, key: str) -> bytes:
        data: bytes = self._try(key, lambda files, path: files.cat_file(path))
        return data

    def put(self, key: str, file: Path) -> None:
        self._try(key, lambda files, path: files.put_file(str(file), path, **self.upload))

    def publish(self, key: str, file: Path, attempt: str) -> None:
        """Of an object that is there, the bytes are compared first: they are the same if the answer to this upload was
        lost, or if another attempt or a backup task made the file. A different one is a damaged file or of an old run.
        It is removed and not replaced, so that another driver could take over within one short request only.
        """
        for _ in range(MAX_REPLACED):
            try:
                self._upload_if_absent(key, file)
            except FileExistsError:
                if self._has(key, file):
                    return
            else:
                return
            self.check_held(attempt)
            self.delete(key)
        self._upload_if_absent(key, file)

    def _upload_if_absent(self, key: str, file: Path) -> None:
        if self.url not in _UNCONDITIONAL:
            options = {**self.upload, **self.if_absent}
            try:
                self._try(key, lambda files, path: files.put_file(str(file), path, **options))
            except OSError as error:
                if error.errno != errno.ENOSYS:
                    raise
                _UNCONDITIONAL.add(self.url)
            else:
                return
        self.put(key, file)

    def _has(self, key: str, file: Path) -> bool:
        """Whether an object has the bytes of a local file."""
        there = self.entry(key)
        if there is None or there.size != file.stat().st_size:
            return False
        try:
            return self.hash_of(key) == file_hash(file)
        except FileNotFoundError:
            return False

    def put_if_absent(self, key: str, file: Path) -> None:
        self._create(key, file.read_bytes())

    def _create(self, key: str, data: bytes) -> None:
        """A request whose answer is lost is sent again, by `_try` or by the library of the service, and then the object
        exists. Its mark tells it from that of another writer.
        """
        mark = os.urandom(8).hex()
        try:
            self._try(key, partial(self.create, data, mark))
        except FileExistsError:
            if self._try(key, self.mark_of) != mark:
                raise

    def put_empty(self, key: str) -> None:
        self._try(key, lambda files, path: files.pipe_file(path, b""))

    def entries(self, folder: str = "") -> list[Entry]:
        try:
            found = self._try(folder, _listed)
        except FileNotFoundError:
            return []
        prefix = f"{folder}/" if folder else ""
        named = ((prefix + one["name"].rstrip("/").rpartition("/")[2], one) for one in found)
        return sorted((_entry(key, one) for key, one in named), key=lambda entry: entry.key)

    def entry(self, key: str) -> Entry | None:
        try:
            return _entry(key, self._try(key, lambda files, path: files.info(path)))
        except FileNotFoundError:
            return None

    def delete(self, key: str) -> None:
        with suppress(FileNotFoundError):
            self._try(key, lambda files, path: files.rm_file(path))

    def open(self, key: str) -> BinaryIO:
        opened: BinaryIO = self._try(key, lambda _files, path: self.readable_files().open(path, "rb"))
        return opened

    def _try(self, key: str, operation: Callable[[Any, str], _T]) -> _T:
        """The result of an operation on a file system and the path of a key, retried after temporary failures."""
        path, until = self.path(key), time.monotonic() + PATIENCE
        for pause in PAUSES:
            try:
                return operation(self.files(), path)
            except Exception as error:
                mapped = _as_os_error(error, self.path_or_url(key))
                if isinstance(mapped, _FINAL) or mapped.errno in _FINAL_NUMBERS or time.monotonic() > until:
                    raise mapped from error
            time.sleep(pause)
        try:
            return operation(self.files(), path)
        except Exception as error:
            raise _as_os_error(error, self.path_or_url(key)) from error

    # --- the root as an output --------------------------------------------------------------------------

    def check_root(self) -> None:
        self.entries()

    @contextmanager
    def held(self, attempt: str) -> Iterator[None]:
        try:
            yield
        finally:
            with suppress(OSError):
                if self._attempt(DRIVER) == attempt:
                    self.delete(DRIVER)

    def take(self, attempt: str) -> None:
        """A driver that begins to erase at the same time is seen by the second look, or it sees this one."""
        self._refuse_erasure(attempt)
        self._try(DRIVER, lambda files, path: files.pipe_file(path, _named(attempt)))
        self._refuse_erasure(attempt)

    def check_held(self, attempt: str) -> None:
        if self._attempt(DRIVER) != attempt:
            raise OutputError(f"another run has taken over {self.url}, or this one has ended; it writes nothing more")

    @contextmanager
    def erasing(self, attempt: str) -> Iterator[None]:
        try:
            with suppress(FileExistsError):
                self._create(ERASING, _named(attempt))
            self._refuse_erasure(attempt)
            self.check_held(attempt)
            yield
        finally:
            with suppress(OSError):
                if self._attempt(ERASING) == attempt:
                    self.delete(ERASING)

    def _refuse_erasure(self, attempt: str) -> None:
        if self._attempt(ERASING) not in ("", attempt):
            raise OutputError(
                f"a run with --overwrite deletes the files in {self.url}, or was killed while it did; wait for it, or "
                f"make sure that it has ended, delete {self.path_or_url(ERASING)}, and start again"
            )

    def _attempt(self, key: str) -> str:
        """The attempt that an object names; empty if there is none."""
        try:
            return str(json.loads(self.get(key))["attempt"])
        except FileNotFoundError:
            return ""
        except (ValueError, KeyError, TypeError):
            return "unknown"

    def begin(self, attempt: str) -> None:
        """Nothing to do: unfinished files are on the disks of the workers."""

    @contextmanager
    def scratch(self, attempt: str) -> Iterator[Path]:
        with TemporaryDirectory(prefix="datagen-") as folder:
            yield Path(folder)

    def clear_scratch(self) -> None:
        """Nothing to do: each task removes its own files."""

    def make_folders(self, folders: Iterable[str]) -> None:
        """Nothing to do: an object store has no folders."""

    def remove_folder(self, folder: str) -> None:
        """Nothing to do: a folder vanishes with its last object."""


def _named(attempt: str) -> bytes:
    return json.dumps({"attempt": attempt}).encode()


def _listed(files: Any, path: str) -> list[dict[str, Any]]:
    files.invalidate_cache()
    return [one for one in files.ls(path, detail=True) if one["name"].strip("/") != path.strip("/")]


def _entry(key: str, mapped: dict[str, Any]) -> Entry:
    if mapped["type"] == "directory":
        return Entry(key, "folder")
    return Entry(key, "file", int(mapped["size"] or 0))


def _code(error: Exception) -> str:
    """The code of an error of S3; empty for others."""
    answer = getattr(error.__cause__, "response", None)
    return str(answer.get("Error", {}).get("Code", "")) if isinstance(answer, dict) else ""


def _as_os_error(error: Exception, where: str) -> OSError:
    """The error of a service as an OSError, with the address that it is about."""
    text = " ".join(str(error).split())[:300] or type(error).__name__
    if type(error.__cause__).__name__ == "NoSuchUpload":  # of botocore: its end had no answer, or it was swept away
        return OSError(errno.EIO, text, where)
    if _code(error) in ("PreconditionFailed", "412"):  # s3fs knows it only from services that name the condition
        return FileExistsError(errno.EEXIST, text, where)
    if isinstance(error, _FINAL):
        return type(error)(error.errno or 0, error.strerror or text, where)
    if "credential" in f"{type(error).__name__} {text}".lower():
        process = f"process {os.getpid()} on {socket.gethostname()}"  # of the driver or of a worker
        return PermissionError(1, f"{text} (credentials are taken from the environment of {process})", where)
    if type(error).__name__ == "ParamValidationError":  # of botocore: a name that no bucket can have
        return OSError(errno.EINVAL, text, where)
    if isinstance(error, OSError):
        return OSError(error.errno or 5, error.strerror or text, where)
    return OSError(5, text, where)
