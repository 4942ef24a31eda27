"""Reads JSON and the flow style of YAML into a tree; text that is incomplete or wrong is read as far as possible."""

from __future__ import annotations

import json
import re

from datagen.authoring.editing.nodes import DEEPEST, Entry, Node

_TOKEN = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"?|'(?:[^'\n]|'')*'?)
    |(?P<mark>[{}\[\],:])
    |(?P<word>(?:[^\s{}\[\],:"'\#]|:(?=[^\s,\[\]{}]))(?:[^{}\[\],:\n\#]|:(?=[^\s,\[\]{}])|(?<=\S)\#)*)
    |(?P<other>\S)""",
    re.VERBOSE,
)
_CONTINUED, _FOLD = re.compile(r"\\\n\s*"), re.compile(r"\s*\n\s*")
_SPACE = re.compile(r"(?:\s+|\#[^\n]*|//[^\n]*)*")


def read_flow(text: str, start: int = 0, stop: int | None = None) -> Node:
    """The value that begins at `start`; nothing beyond `stop` is read."""
    return _Reader(text, start, len(text) if stop is None else stop).value(0)


class _Reader:
    def __init__(self, text: str, start: int, stop: int) -> None:
        self.text, self.at, self.end = text, start, stop
        self.last = start
        """The end of the last token."""

    def _peek(self) -> re.Match[str] | None:
        space = _SPACE.match(self.text, self.at, self.end)
        self.at = space.end() if space else self.at
        return _TOKEN.match(self.text, self.at, self.end)

    def _take(self, token: re.Match[str]) -> None:
        self.at = self.last = token.end()

    def value(self, depth: int) -> Node:
        token = self._peek()
        if token is None:
            return Node("missing", self.last, self.at)
        if token[0] in ("{", "[") and depth < DEEPEST:
            self._take(token)
            return self._object(token.start(), depth) if token[0] == "{" else self._array(token.start(), depth)
        if token.lastgroup in ("string", "word"):
            return self._scalar(token)
        return Node("missing", self.last, token.start())

    def _scalar(self, token: re.Match[str]) -> Node:
        kept = token[0].rstrip()
        self.at = self.last = token.start() + len(kept)
        quoted = token.lastgroup == "string"
        return Node("scalar", token.start(), self.last, unquoted(kept) if quoted else kept, quoted)

    def _object(self, start: int, depth: int) -> Node:
        made = Node("object", start, start)
        while (token := self._peek()) is not None and token[0] != "]":
            if token[0] == "}":
                self._take(token)
                made.closed = True
                break
            if token.lastgroup in ("string", "word"):
                made.entries.append(self._entry(token, depth))
            else:
                self._take(token)  # a comma, or what belongs to no entry
        made.stop = self.last if made.closed else self.at
        return made

    def _entry(self, token: re.Match[str], depth: int) -> Entry:
        key = self._scalar(token)
        entry = Entry(key.text, key.start, key.stop)
        colon = self._peek()
        if colon is None or colon[0] != ":":
            return entry
        self._take(colon)
        after = self.last
        value = self.value(depth + 1)
        following = self._peek()
        next_key = following is not None and following[0] == ":" and "\n" in self.text[after : value.start]
        if value.kind == "scalar" and next_key:
            self.at = self.last = value.start  # it is the key of the next line: the value of this one is missing
            value = Node("missing", after, value.start)
        entry.value = value
        return entry

    def _array(self, start: int, depth: int) -> Node:
        made = Node("array", start, start)
        while (token := self._peek()) is not None and token[0] != "}":
            if token[0] == "]":
                self._take(token)
                made.closed = True
                break
            item = self.value(depth + 1)
            if item.kind == "missing":
                self._take(token)
            else:
                made.items.append(item)
        made.stop = self.last if made.closed else self.at
        return made


def unquoted(text: str) -> str:
    """The text of a quoted scalar, which may lack its end. Line ends within it are spaces, or nothing behind a \\."""
    text = _FOLD.sub(" ", _CONTINUED.sub("", text))
    if text[:1] == "'":
        return text[1:].removesuffix("'").replace("''", "'")
    try:
        return str(json.loads(text if text.endswith('"') and len(text) > 1 else text + '"'))
    except ValueError:
        return text.strip('"')
