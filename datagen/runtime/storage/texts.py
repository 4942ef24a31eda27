"""Reads and writes JSON in a store, and formats errors of stores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from datagen.errors import OUT_OF_MEMORY, RunError
from datagen.kinds.stores.base import Store

_INDENTED, _LEVELS = 500_000, 5
"""Characters up to which every value has a line of its own, and the levels that have one in longer texts: indenting is
slow.
"""
_one_line = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode


def read_json(store: Store, key: str) -> Any:
    """The content of a JSON file.

    Raises FileNotFoundError or NotADirectoryError if there is none, another OSError if it cannot be read, and
    ValueError if it is invalid.
    """
    try:
        return json.loads(store.get(key).decode("utf-8"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def to_json(data: Any) -> str:
    """Readable JSON with a final newline, the same text for the same data. What is large has a line for each entry of
    its upper levels.
    """
    compact = _one_line(data)
    if len(compact) <= _INDENTED:
        return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return _lines(data, "\n", _LEVELS) + "\n"


def _lines(data: Any, line: str, levels: int) -> str:
    """One entry per line down to `levels` levels; each line begins with `line`."""
    if not levels or not isinstance(data, dict | list) or not data:
        return _one_line(data)
    deeper = line + "  "
    if isinstance(data, list):
        return f"[{deeper}{f',{deeper}'.join(_lines(one, deeper, levels - 1) for one in data)}{line}]"
    entries = (f"{_one_line(name)}: {_lines(one, deeper, levels - 1)}" for name, one in data.items())
    return f"{{{deeper}{f',{deeper}'.join(entries)}{line}}}"


@contextmanager
def store_errors(store: Store) -> Iterator[None]:
    """Turn an OSError into a RunError with the place, and a MemoryError into a RunError."""
    try:
        yield
    except MemoryError:
        raise RunError(OUT_OF_MEMORY) from None
    except OSError as error:
        where = error.filename or store.address
        raise RunError(f"cannot write {where}: {error.strerror or error}") from error
