"""Checks that parsed values are plain JSON values of bounded depth and size."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from datagen.errors import Problem, SchemaError
from datagen.registry import describe

MAX_DEPTH = 32
MAX_VALUES = 200_000
MAX_INTEGER = 2**63 - 1

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class InvalidScalar:
    """A value that is not allowed in a document. It becomes a problem at its place."""

    code: str
    message: str
    hint: str = ""


class DuplicateKeyDict(dict[str, Any]):
    """An object with its duplicate keys and the problems of keys that are not text, each with its line."""

    twice: tuple[str, ...] = ()
    unparsed: tuple[tuple[InvalidScalar, int | None], ...] = ()


class _PlainValues:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.seen = 0

    def value(self, data: Any, keys: Keys) -> Any:
        self.seen += 1
        if self.seen > MAX_VALUES:
            raise SchemaError([too_many(keys)])
        if isinstance(data, Mapping):
            return self._object(data, keys)
        if isinstance(data, list | tuple):
            return self._list(data, keys)
        wrong = _refused(data)
        if wrong is not None:
            self.problems.append(Problem(wrong.code, keys, wrong.message, wrong.hint))
            return None
        return data.isoformat() if isinstance(data, dt.date) else data

    def _object(self, data: Mapping[Any, Any], keys: Keys) -> dict[str, Any] | None:
        if self._deep(keys):
            return None
        twice = dict.fromkeys(getattr(data, "twice", ()))
        for wrong, line in getattr(data, "unparsed", ()):
            self.problems.append(Problem(wrong.code, keys, wrong.message, wrong.hint, line))
        plain: dict[str, Any] = {}
        for given, value in data.items():
            key = key_text(given)
            if isinstance(key, InvalidScalar):
                self.problems.append(Problem(key.code, keys, key.message, key.hint))
                continue
            if key in plain:
                twice[key] = None
            plain[key] = self.value(value, (*keys, key))
        for key in twice:
            message = f"key '{key[:60]}' is given twice"
            self.problems.append(Problem("duplicate", (*keys, key), message, "keep one of them"))
        return plain

    def _list(self, data: list[Any] | tuple[Any, ...], keys: Keys) -> list[Any] | None:
        if self._deep(keys):
            return None
        return [self.value(item, (*keys, index)) for index, item in enumerate(data)]

    def _deep(self, keys: Keys) -> bool:
        if len(keys) < MAX_DEPTH:
            return False
        self.problems.append(too_deep(keys))
        return True


def plain(data: Any) -> tuple[Any, tuple[Problem, ...]]:
    """A copy of `data` in dicts, lists and scalars, and the problems of values that are not allowed, which are null in
    the copy.

    Raises SchemaError if the document is too large.
    """
    walk = _PlainValues()
    return walk.value(data, ()), tuple(walk.problems)


def key_text(key: Any) -> str | InvalidScalar:
    """A key as text, as YAML and JSON write it: 1, true and dates are read as text."""
    if isinstance(key, str):
        return key if _unicode(key) else InvalidScalar("type", "has a key that is not valid Unicode", "keys are text")
    if isinstance(key, bool):
        return str(key).lower()
    if isinstance(key, dt.date):
        return key.isoformat()
    if isinstance(key, int | float):
        return str(key)
    return InvalidScalar("type", f"has {describe(key)} as a key", 'keys are text: write it in quotes, as "null"')


def too_deep(keys: Keys, line: int | None = None) -> Problem:
    """The problem of a value nested deeper than `MAX_DEPTH`; its place is cut to that depth."""
    return Problem("too-large", keys[:MAX_DEPTH], f"nested deeper than {MAX_DEPTH} levels", "flatten it", line)


def too_many(keys: Keys, line: int | None = None) -> Problem:
    """The problem of a document with more than `MAX_VALUES` values; `keys` is the place of the first one too many."""
    return Problem("too-large", keys, f"the document has more than {MAX_VALUES:,} values", "split it", line)


def integer_of(digits: str) -> int | InvalidScalar:
    """A whole number as written; refused if it is too large."""
    if len(digits) > 20 or abs(int(digits)) > MAX_INTEGER:
        return InvalidScalar(
            "range", f"the number {digits[:24]}{'...' * (len(digits) > 24)} is too large", f"at most {MAX_INTEGER}"
        )
    return int(digits)


def float_of(digits: str) -> float | InvalidScalar:
    """A number as written; refused if it is too large."""
    number = float(digits)
    return (
        number
        if math.isfinite(number)
        else InvalidScalar("range", f"the number {digits[:24]} is too large", "at most 1.7e308")
    )


def not_finite(name: str) -> InvalidScalar:
    """The placeholder of NaN or an infinity, which JSON does not have; `name` is how it is written."""
    return InvalidScalar("range", f"{name} is not a number", "write a finite number")


def _refused(data: Any) -> InvalidScalar | None:
    """The problem of a scalar."""
    if isinstance(data, InvalidScalar):
        return data
    if isinstance(data, str):
        return (
            None
            if _unicode(data)
            else InvalidScalar("encoding", "text that is not valid Unicode", "remove the lone surrogate")
        )
    if data is None or isinstance(data, bool | dt.date):
        return None
    if isinstance(data, int):
        return (
            None
            if abs(data) <= MAX_INTEGER
            else InvalidScalar("range", "the number is too large", f"at most {MAX_INTEGER}")
        )
    if isinstance(data, float):
        return None if math.isfinite(data) else not_finite(str(data))
    return InvalidScalar(
        "type", f"a Python {type(data).__name__[:40]} is not allowed in a document", "use plain JSON values"
    )


def _unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
