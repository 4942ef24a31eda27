"""Reads and writes JSON in a store, and formats errors of stores."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

from datagen.errors import OUT_OF_MEMORY, RunError
from datagen.kinds.stores.base import Store

_MAX_INDENTED, _LINE_LEVELS = 500_000, 5
"""The most characters of a text in which every value has a line of its own, and the number of upper levels whose values
have one in longer texts: indenting is slow.
"""
_LAZY_ENTRIES = 6_000
"""The number of entries of lazy sequences from which on a text is written in pieces: it is never whole in memory."""


def _entries(data: Any) -> list[Any]:
    """The JSON value of data of another type. Raises TypeError if there is none."""
    if isinstance(data, LazySequence):
        return list(data)
    raise TypeError(f"{type(data).__name__} is not JSON")


_one_line = json.JSONEncoder(ensure_ascii=False, allow_nan=False, default=_entries).encode
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class LazySequence(Sequence[_T], Generic[_T]):
    """A sequence of known length that is read anew whenever it is iterated."""

    length: int
    read: Callable[[], Iterator[_T]]

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[_T]:
        return self.read()

    def __getitem__(self, index: Any) -> Any:
        return next(islice(self, index, None)) if isinstance(index, int) and index >= 0 else tuple(self)[index]


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
    if len(compact) <= _MAX_INDENTED:
        return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False, default=_entries) + "\n"
    return "".join(_lines(data, "\n", _LINE_LEVELS)) + "\n"


def json_lines(data: Any) -> Iterator[str]:
    """The text of `to_json` in pieces. Long lazy sequences in the data are read while they are written."""
    if _lazy_entries(data) < _LAZY_ENTRIES:
        yield to_json(data)
    else:
        yield from _lines(data, "\n", _LINE_LEVELS)
        yield "\n"


def _lazy_entries(data: Any) -> int:
    if isinstance(data, LazySequence):
        return len(data)
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return sum(map(_lazy_entries, inside))


def _lines(data: Any, line: str, levels: int) -> Iterator[str]:
    """One entry per line down to `levels` levels; each line begins with `line`."""
    if not levels or not isinstance(data, dict | list | LazySequence) or not len(data):
        yield _one_line(data)
        return
    deeper = line + "  "
    named = isinstance(data, dict)
    before = "{" if named else "["
    for one in data:
        yield f"{before}{deeper}{_one_line(one)}: " if named else before + deeper
        yield from _lines(data[one] if named else one, deeper, levels - 1)
        before = ","
    yield line + ("}" if named else "]")


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
