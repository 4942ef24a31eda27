"""Durable files: written under another name, synced, then renamed into place; hashed as they stand on disk.

The hash is XXH3 of 128 bits: it finds what went wrong by accident and takes a tenth of the time of a cryptographic one,
which would be a twelfth of a whole run.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from xxhash import xxh3_128

from datagen.errors import OUT_OF_MEMORY, RunError


def publish(draft: Path, final: Path) -> None:
    """Move a finished, synced `draft` to `final`, replacing what is there; durable once this returns."""
    draft.replace(final)
    sync_folder(final.parent)


def sync(path: Path) -> str:
    """Force the bytes of `path` to disk; their hash."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, xxh3_128).hexdigest()


def hash_of(path: Path) -> str:
    """The hash of the bytes of `path`."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, xxh3_128).hexdigest()


def sync_folder(folder: Path) -> None:
    """Force the names in `folder` to disk, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    with suppress(OSError):  # some network file systems cannot sync a folder
        os.fsync(handle)
    os.close(handle)


def write_text(final: Path, text: str, drafts: Path) -> None:
    """Put `text` at `final` in one step; the unfinished file lies in the folder `drafts`."""
    draft = drafts / f"{final.name}.{os.getpid()}.{os.urandom(4).hex()}"
    draft.write_text(text, encoding="utf-8")
    sync(draft)
    publish(draft, final)


def write_new_text(final: Path, text: str, drafts: Path) -> None:
    """Like `write_text`, but raises FileExistsError if `final` exists, without a moment in between."""
    draft = drafts / f"{final.name}.{os.getpid()}.{os.urandom(4).hex()}"
    draft.write_text(text, encoding="utf-8")
    sync(draft)
    try:
        os.link(draft, final)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        with final.open("x", encoding="utf-8") as file:
            file.write(text)
        sync(final)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(final.parent)


def read_json(path: Path) -> Any:
    """What a JSON file holds.

    Raises FileNotFoundError or NotADirectoryError where there is none, another OSError where it may not be read, and
    ValueError for everything else that is wrong with it.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise ValueError("it is not a regular file")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def to_json(data: Any) -> str:
    """Readable JSON with a line end, the same text for the same data."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


@contextmanager
def naming_the_place(folder: Path) -> Iterator[None]:
    """Turn an OSError (disk full, not allowed, gone) into a RunError that says where, and a MemoryError into one, too."""
    try:
        yield
    except MemoryError:
        raise RunError(OUT_OF_MEMORY) from None
    except OSError as error:
        where = error.filename or folder
        raise RunError(f"cannot write {where}: {error.strerror or error}") from error
