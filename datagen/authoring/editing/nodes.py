"""The tree of a text: every value with its place, also where the text is incomplete or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

Keys = tuple[str | int, ...]
DEEPEST = 60
"""Levels of nesting that are read; deeper values are scalars."""


@dataclass(slots=True)
class Entry:
    """A key of an object and its value; `value` is None where no colon follows the key."""

    key: str
    start: int
    stop: int
    value: Node | None = None


@dataclass(slots=True)
class Node:
    """A value at `start` to `stop` of the text: an object, an array, a scalar, or nothing where a value is missing.

    `closed` says whether the end is part of the text: a bracket. The value of a block of YAML is never closed.
    """

    kind: str
    start: int
    stop: int
    text: str = ""
    quoted: bool = False
    closed: bool = False
    block: bool = False
    entries: list[Entry] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    def child(self, key: str | int) -> Node | None:
        """The value of a key or the item at a position; None if it is not there."""
        if isinstance(key, int):
            return self.items[key] if key < len(self.items) else None
        return next((entry.value for entry in self.entries if entry.key == key), None)

    def scalar(self, key: str) -> str | None:
        """The text of a scalar below a key."""
        found = self.child(key)
        return found.text if found is not None and found.kind == "scalar" else None


@dataclass(frozen=True, slots=True)
class Cursor:
    """What is edited at an offset: a key of the object at `path`, or the value at `path`.

    `start` to `stop` is the part of the text that a completion replaces, `prefix` its part before the cursor. `present`
    are the other keys of the object, `colon` says whether a colon follows the key.
    """

    path: Keys
    role: str
    start: int
    stop: int
    prefix: str = ""
    present: tuple[str, ...] = ()
    colon: bool = False
    block: bool = False


def cursor_at(text: str, root: Node, offset: int) -> Cursor | None:
    """What is edited at an offset; None outside of the document."""
    path: list[str | int] = []
    here = root
    while True:
        found = _in_object(text, here, offset, path) if here.kind == "object" else _in_array(here, offset, path)
        if here.kind not in ("object", "array"):
            return _value(text, here, offset, tuple(path))
        if isinstance(found, Cursor):
            return found
        if found is None:
            return None
        here = found


def _in_object(text: str, here: Node, offset: int, path: list[str | int]) -> Cursor | Node | None:
    present = [entry.key for entry in here.entries]
    for k, entry in enumerate(here.entries):
        if entry.start <= offset <= entry.stop:
            others = tuple(present[:k] + present[k + 1 :])
            prefix = text[entry.start : offset].lstrip("\"'")
            colon = entry.value is not None
            return Cursor(tuple(path), "key", entry.start, entry.stop, prefix, others, colon, here.block)
        if entry.value is not None and entry.stop < offset and _reaches(entry.value, offset):
            path.append(entry.key)
            return entry.value
    if here.start < offset and (offset < here.stop or not here.closed):
        return Cursor(tuple(path), "key", offset, offset, "", tuple(present), colon=False, block=here.block)
    return None


def _in_array(here: Node, offset: int, path: list[str | int]) -> Cursor | Node | None:
    for k, item in enumerate(here.items):
        if item.start <= offset and _reaches(item, offset):
            path.append(k)
            return item
    before = sum(item.stop < offset for item in here.items)
    return Cursor((*path, before), "value", offset, offset, block=here.block)


def _reaches(node: Node, offset: int) -> bool:
    return offset < node.stop if node.closed else offset <= node.stop


def _value(text: str, here: Node, offset: int, path: Keys) -> Cursor:
    if offset < here.start or here.kind == "missing":
        return Cursor(path, "value", offset, offset, block=here.block)
    return Cursor(path, "value", here.start, here.stop, text[here.start : offset].lstrip("\"'"), block=here.block)


def place_of(root: Node, keys: Sequence[str | int]) -> tuple[int, int]:
    """Start and stop of the value at `keys`, or of the deepest existing part of it: its key if it is no scalar."""
    here, found = root, (root.start, root.start)
    for key in keys:
        entry = next((one for one in here.entries if one.key == key), None) if isinstance(key, str) else None
        below = here.child(key)
        if entry is not None:
            found = (entry.start, entry.stop)
        if below is None:
            break
        here = below
        if entry is None or here.kind == "scalar":
            found = (here.start, here.stop)
    return found


def plain(node: Node | None) -> Any:
    """The value as far as it matters for conditions of the JSON Schema: objects, arrays and texts."""
    if node is None or node.kind == "missing":
        return None
    if node.kind == "object":
        return {entry.key: plain(entry.value) for entry in node.entries}
    return [plain(item) for item in node.items] if node.kind == "array" else node.text
