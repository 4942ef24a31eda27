"""Reads the block style of YAML into a tree, line by line; text that is incomplete or wrong is read as far as possible.

It reads what documents use: mappings, sequences, scalars over several lines, flow style, comments, and anchors of
values in block style. Tags and several documents in one text are not known to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from datagen.authoring.editing.flow_reader import read_flow, unquoted
from datagen.authoring.editing.nodes import DEEPEST, Entry, Node

_KEY = re.compile(
    r"""(?P<key>"(?:[^"\\\n]|\\.)*"|'(?:[^'\n]|'')*'|[^\s\#"'{}\[\],\-][^\#\n]*?|-[^\s\#][^\#\n]*?)[ ]*:(?=\s|\Z)"""
)
_HEADER = re.compile(r"[|>][-+0-9]*\n\s*")
"""The mark before a scalar over several lines."""
_ANCHOR, _ALIAS = re.compile(r"&([\w-]+)[ ]*"), re.compile(r"\*([\w-]+)[ ]*")
_COMMENT = re.compile(r"(?:^|(?<=\s))#.*")


@dataclass(slots=True)
class _Line:
    """A line with content at `start` to `stop` of the text; `indent` is its column."""

    indent: int
    start: int
    stop: int


def read_block(text: str, cursor: int | None = None) -> Node:
    """The tree of a text. An empty line that holds the cursor counts as an empty key at the column of the cursor."""
    lines, offset = [], 0
    for line in text.split("\n"):
        content = _COMMENT.sub("", line).rstrip() if "#" in line else line.rstrip()
        bare = content.lstrip(" ")
        begin = offset + len(content) - len(bare)
        if bare and bare != "---":
            lines.append(_Line(begin - offset, begin, begin + len(bare)))
        elif cursor is not None and offset <= cursor <= offset + len(line) and not line.strip():
            lines.append(_Line(cursor - offset, cursor, cursor))
        offset += len(line) + 1
    reader = _Reader(text, lines)
    return reader.node(-1, 0, 0) if lines else Node("object", 0, len(text), block=True)


class _Reader:
    def __init__(self, text: str, lines: list[_Line]) -> None:
        self.text, self.lines, self.at = text, lines, 0
        self.anchors: dict[str, Node] = {}

    def _here(self) -> _Line | None:
        return self.lines[self.at] if self.at < len(self.lines) else None

    def node(self, above: int, start: int, depth: int) -> Node:
        """The value of the lines that are indented more than `above`; missing from `start` if there are none."""
        line = self._here()
        if line is None or line.indent <= above or depth > DEEPEST:
            end = self.text.find("\n", start)
            return Node("missing", start, end if end >= 0 else len(self.text), block=True)
        if self._dash(line):
            return self._sequence(line.indent, depth)
        first = self.text[line.start : line.start + 1]
        if line.start < line.stop and first in "{[":
            return self._flow(line.start, above)
        if line.start == line.stop or _KEY.match(self.text, line.start, line.stop + 1) or depth == 0:
            return self._mapping(line.indent, depth)
        return self._scalar(line.start, above)

    def _dash(self, line: _Line) -> bool:
        return self.text[line.start : line.stop] == "-" or self.text.startswith("- ", line.start)

    def _mapping(self, indent: int, depth: int) -> Node:
        made = Node("object", self.lines[self.at].start, 0, block=True)
        while (line := self._here()) is not None and line.indent >= indent and not self._dash(line):
            self.at += 1
            if line.indent > indent:
                continue  # belongs to nothing
            made.entries.append(self._entry(line, depth))
        made.stop = self._end()
        return made

    def _entry(self, line: _Line, depth: int) -> Entry:
        key = _KEY.match(self.text, line.start, line.stop + 1)
        if key is None:
            return Entry(self.text[line.start : line.stop], line.start, line.stop)
        raw = key["key"]
        entry = Entry(unquoted(raw) if raw[0] in "\"'" else raw, line.start, line.start + len(raw))
        entry.value = self._value(line, key.end(), depth)
        return entry

    def _value(self, line: _Line, after: int, depth: int) -> Node:
        """The value behind a colon or a dash: on the same line, or indented below it."""
        start = after + len(self.text[after : line.stop]) - len(self.text[after : line.stop].lstrip())
        anchor, alias = (mark.match(self.text, start, line.stop) for mark in (_ANCHOR, _ALIAS))
        if anchor is not None:
            made = self.anchors[anchor[1]] = self._value(line, anchor.end(), depth)
            return made
        if alias is not None and alias.end() == line.stop and alias[1] in self.anchors:
            return replace(self.anchors[alias[1]], start=start, stop=line.stop, closed=True)
        if start >= line.stop:
            below = self._here()
            same = below is not None and below.indent == line.indent and self._dash(below)
            if same and not self._dash(line):
                return self._sequence(line.indent, depth + 1)
            return self.node(line.indent, after, depth + 1)
        if self.text[start] in "{[":
            self.at -= 1
            return self._flow(start, line.indent)
        self.at -= 1
        return self._scalar(start, line.indent)

    def _flow(self, start: int, above: int) -> Node:
        """A value in flow style, which ends at its bracket or at the next line that is not indented more."""
        following = next((one.start for one in self.lines[self.at + 1 :] if one.indent <= above), len(self.text))
        made = read_flow(self.text, start, following)
        self.at += 1
        while (line := self._here()) is not None and line.start < made.stop:
            self.at += 1
        return made

    def _scalar(self, start: int, above: int) -> Node:
        """A scalar with all lines below it that are indented more."""
        stop = self.lines[self.at].stop
        self.at += 1
        while (line := self._here()) is not None and line.indent > above and line.start < line.stop:
            stop = line.stop
            self.at += 1
        raw = self.text[start:stop]
        quoted = raw[:1] in ('"', "'")
        return Node("scalar", start, stop, unquoted(raw) if quoted else _HEADER.sub("", raw), quoted, block=True)

    def _sequence(self, indent: int, depth: int) -> Node:
        made = Node("array", self.lines[self.at].start, 0, block=True)
        while (line := self._here()) is not None and line.indent == indent and self._dash(line):
            inner = line.start + 1
            content = self.text[inner : line.stop]
            begin = inner + len(content) - len(content.lstrip())
            if begin >= line.stop:
                self.at += 1
                made.items.append(self.node(indent, inner, depth + 1))
                continue
            self.lines[self.at] = _Line(indent + begin - line.start, begin, line.stop)
            made.items.append(self.node(indent, inner, depth + 1))
        made.stop = self._end()
        return made

    def _end(self) -> int:
        """The start of the next line that is not read yet: the cursor may be anywhere before it."""
        line = self._here()
        return line.start - 1 if line is not None else len(self.text)
