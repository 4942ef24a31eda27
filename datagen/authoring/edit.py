"""Writes the values of a new document into the text of an old one, so that comments, order and layout are kept."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

from datagen.authoring.editing.block_reader import read_block
from datagen.authoring.editing.nodes import Entry, Node
from datagen.authoring.repair.tree import Tree, yaml_lines
from datagen.errors import SchemaError
from datagen.schema.reading.json_values import Keys
from datagen.schema.reading.read import read_text


class _Patch(NamedTuple):
    """Another text for a part of the text."""

    start: int
    stop: int
    text: str


def edited(text: str, document: dict[str, Any], *, yaml: bool) -> str:
    """The old text with the values of the new document. Text whose values are the same stays byte for byte."""
    old = read_text(text, yaml=yaml).raw
    patched = _patched(text, old, document) if yaml else None
    if patched is not None:
        return patched
    tree = Tree(text, yaml=yaml)
    _bring(tree, (), old, document)
    made = tree.text
    same = read_text(made, yaml=yaml).raw == document  # not where an anchor is the value of several places
    return made if same else "\n".join([*yaml_lines(document), ""])


def difference(before: str, after: str, name: str) -> str:
    """What changed, as a unified diff; empty where nothing did."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    return "\n".join(lines)


def _patched(text: str, old: Any, new: Any) -> str | None:
    """The text of a YAML document with patches at the places whose values differ; None where it cannot be patched."""
    root = read_block(text)
    patches = sorted(_Patches(text).between(root, old, new, _Patch(root.start, len(text), "")), key=lambda one: one[:2])
    if any(one.stop > other.start for one, other in pairwise(patches)):
        return None
    made = text
    for patch in reversed(patches):
        made = made[: patch.start] + patch.text + made[patch.stop :]
    try:
        return made if read_text(made, yaml=True).raw == new else None
    except SchemaError:
        return None


class _Patches:
    """The patches of one text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def between(self, node: Node | None, old: Any, new: Any, whole: _Patch) -> Iterator[_Patch]:
        """The patches that make the value at a node another one: inside of it where that is possible, else `whole`."""
        if old == new:
            return
        if node is not None and self.text.startswith("*", node.start):
            node = None  # an alias, whose value stands elsewhere
        kind = type(old) if type(old) is type(new) else None
        if kind is dict and node is not None and self._has_keys(node, old, new):
            yield from self._object(node, old, new)
        elif kind is list and node is not None and new and self._has_items(node, old):
            yield from self._array(node, old, new)
        else:
            yield whole

    def _has_keys(self, node: Node, old: dict[str, Any], new: dict[str, Any]) -> bool:
        """Whether keys can be patched one by one: those of a block, and those in brackets if none is left out."""
        if node.kind != "object" or [entry.key for entry in node.entries] != list(old) or not old.keys() & new.keys():
            return False
        gone = [entry for entry in node.entries if entry.key not in new]
        return all(self._leads(entry.start) for entry in gone) if node.block else not gone

    def _object(self, node: Node, old: dict[str, Any], new: dict[str, Any]) -> Iterator[_Patch]:
        for entry in node.entries:
            if entry.key not in new:
                yield self._without(entry.start, _end_of(entry))
                continue
            value = new[entry.key]
            if node.block:
                lines = yaml_lines({entry.key: value})
                whole = _Patch(entry.start, _end_of(entry), self._indented(lines, self._column(entry.start)))
            else:
                whole = _Patch(entry.start, _end_of(entry), _flat({entry.key: value}))
            yield from self.between(entry.value, old[entry.key], value, whole)
        added = {key: value for key, value in new.items() if key not in old}
        end = _end_of(node.entries[-1])
        if added and node.block:
            yield self._below(end, yaml_lines(added), self._column(node.entries[0].start))
        elif added:
            yield _Patch(end, end, f", {_flat(added)}")

    def _has_items(self, node: Node, old: list[Any]) -> bool:
        """Whether items can be patched one by one: those of a block, each of which begins a line."""
        block = node.kind == "array" and node.block and len(node.items) == len(old)
        return block and all(self._leads(self._dash(item)) for item in node.items)

    def _array(self, node: Node, old: list[Any], new: list[Any]) -> Iterator[_Patch]:
        dashes, ends = [self._dash(item) for item in node.items], [_end(item) for item in node.items]
        column, pairs = self._column(dashes[0]), dict(_pairs(old, new))
        for at in sorted(set(range(len(old))) - set(pairs.values())):
            yield self._without(dashes[at], ends[at])
        last = -1
        for at, value in enumerate(new):
            lines = yaml_lines([value])
            if at in pairs:
                last = pairs[at]
                whole = _Patch(dashes[last], ends[last], self._indented(lines, column))
                yield from self.between(node.items[last], old[last], value, whole)
            elif last >= 0:
                yield self._below(ends[last], lines, column)
            else:
                begin = self._above_comments(dashes[0])
                yield _Patch(begin, begin, f"{' ' * column}{self._indented(lines, column)}\n")

    def _indented(self, lines: list[str], column: int) -> str:
        """Lines of which the first one begins at a column, and the others below it."""
        return f"\n{' ' * column}".join(lines)

    def _without(self, start: int, stop: int) -> _Patch:
        """No lines from the one of `start`, with the comments right above it, to the one of `stop`."""
        return _Patch(self._above_comments(start), min(self._line_end(stop) + 1, len(self.text)), "")

    def _below(self, after: int, lines: list[str], column: int) -> _Patch:
        """Lines below the one of a place."""
        end = self._line_end(after)
        return _Patch(end, end, f"\n{' ' * column}{self._indented(lines, column)}")

    def _above_comments(self, start: int) -> int:
        """The start of the line of a place, or of the comments right above it that begin at its column."""
        begin = self.text.rfind("\n", 0, start) + 1
        comment = " " * (start - begin) + "#"
        while begin > 0:
            above = self.text.rfind("\n", 0, begin - 1) + 1
            if not self.text.startswith(comment, above):
                break
            begin = above
        return begin

    def _line_end(self, at: int) -> int:
        end = self.text.find("\n", at)
        return end if end >= 0 else len(self.text)

    def _dash(self, item: Node) -> int:
        return self.text.rfind("-", 0, item.start)

    def _column(self, at: int) -> int:
        return at - self.text.rfind("\n", 0, at) - 1

    def _leads(self, at: int) -> bool:
        """Whether nothing but blanks is before a place in its line."""
        return not self.text[self.text.rfind("\n", 0, at) + 1 : at].strip()


def _end_of(entry: Entry) -> int:
    return entry.stop + 1 if entry.value is None or entry.value.kind == "missing" else _end(entry.value)


def _end(node: Node) -> int:
    """The end of the last character of a value; blocks are read up to the next line that has a value."""
    if node.block and node.entries:
        return _end_of(node.entries[-1])
    if node.block and node.items:
        return _end(node.items[-1])
    return node.stop if node.kind != "missing" else node.start


def _flat(value: dict[str, Any]) -> str:
    """Keys and values as they stand within brackets."""
    (line,) = yaml_lines([value], flat=True)
    return line[3:-1]


def _pairs(old: list[Any], new: list[Any]) -> Iterator[tuple[int, int]]:
    """Items of a new list, each with the one of the old list that it replaces, in order: equal, or of one kind."""
    left, right = ([json.dumps(one, sort_keys=True) for one in items] for items in (old, new))
    matcher = difflib.SequenceMatcher(None, left, right, autojunk=False)
    for _, i, stop, j, end in matcher.get_opcodes():
        for at in range(j, end):
            found = next((k for k in range(i, stop) if left[k] == right[at] or _kind(old[k]) == _kind(new[at])), None)
            if found is not None:
                yield at, found
                i = found + 1


def _kind(item: Any) -> Any:
    """What an item is: its name and its type, or that it has none."""
    return (item.get("name"), item.get("type")) if isinstance(item, dict) else None


def _bring(tree: Tree, at: Keys, old: Any, new: Any) -> None:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        _bring_object(tree, at, old, new)
    elif isinstance(old, list) and isinstance(new, list) and len(old) <= len(new):
        for index, value in enumerate(old):
            _bring(tree, (*at, index), value, new[index])
        for value in new[len(old) :]:
            tree.append(at, value)
    else:
        tree.put(at, new)


def _bring_object(tree: Tree, at: Keys, old: dict[str, Any], new: dict[str, Any]) -> None:
    for key in [key for key in old if key not in new]:
        tree.remove((*at, key))
    for key, value in new.items():
        if key in old:
            _bring(tree, (*at, key), old[key], value)
        else:
            tree.put((*at, key), value)
