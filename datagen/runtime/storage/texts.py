"""Reads and writes JSON in a store, and words the errors of stores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from datagen.errors import OUT_OF_MEMORY, RunError
from datagen.kinds.stores.base import Store


def read_json(store: Store, key: str) -> Any:
    """What a JSON file holds.

    Raises FileNotFoundError or NotADirectoryError where there is none, another OSError where it may not be read, and
    ValueError for everything else that is wrong with it.
    """
    try:
        return json.loads(store.get(key).decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def to_json(data: Any) -> str:
    """Readable JSON with a line end, the same text for the same data."""
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


@contextmanager
def refusals_named(store: Store) -> Iterator[None]:
    """Turn an OSError (disk full, not allowed, gone) into a RunError that says where, and a MemoryError into one, too."""
    try:
        yield
    except MemoryError:
        raise RunError(OUT_OF_MEMORY) from None
    except OSError as error:
        where = error.filename or store.address
        raise RunError(f"cannot write {where}: {error.strerror or error}") from error
