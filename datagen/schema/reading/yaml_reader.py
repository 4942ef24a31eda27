"""Reads YAML text into plain values by the core schema of YAML 1.2: `yes`, `on` and dates are text.

It uses the parser's events, so that no object is made from a tag, and size and depth are bounded while reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from datagen.errors import Problem, SchemaError
from datagen.schema.reading.json_values import (
    MAX_DEPTH,
    MAX_VALUES,
    DuplicateKeyDict,
    InvalidScalar,
    Keys,
    float_of,
    integer_of,
    not_finite,
    too_deep,
    too_many,
)

Lines = dict[Keys, int]

_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0o[0-7]{1,20}\Z|0x[0-9a-fA-F]{1,15}\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)\Z|\.(nan|NaN|NAN)\Z")

_SAID = {
    "expected <block end>": (
        "the indentation of this line does not match the lines above",
        "indent items of one level by the same number of spaces",
    ),
    "'\\t' that cannot start": ("a tab", "indent with spaces"),
    "mapping values are not allowed": ("a second ':' in one value", "put the value in quotes, or begin a new line"),
    "could not find expected ':'": ("a line without ':'", "write key: value"),
}
"""Messages and hints in place of the parser's own."""


def parse_yaml(text: str) -> tuple[Any, Lines]:
    """The values of `text`, with `InvalidScalar` and `DuplicateKeyDict` marks for `plain`, and the line of every place.

    Raises SchemaError if it is not YAML, has tags or several documents, or is too large.
    """
    from ruamel.yaml import YAML  # start-up time: only YAML documents need it
    from ruamel.yaml.error import MarkedYAMLError, YAMLError
    from ruamel.yaml.reader import ReaderError

    try:
        reader = _Reader(YAML(typ="safe", pure=True).parse(text))
        return reader.document(), reader.lines
    except MarkedYAMLError as error:
        mark = error.problem_mark
        column = f" at column {mark.column + 1}" if mark else ""
        reason = str(error.problem or error.context)
        message, hint = next((known for sign, known in _SAID.items() if sign in reason), (reason, ""))
        raise SchemaError(
            [Problem("syntax", (), f"not valid YAML{column}: {message}", hint, mark.line + 1 if mark else None)]
        ) from None
    except ReaderError as error:
        message = f"not valid YAML: the character U+{error.character:04X} is not allowed in a text"
        line = text.count("\n", 0, error.position) + 1
        raise SchemaError([Problem("syntax", (), message, "remove it", line=line)]) from None
    except (YAMLError, ValueError) as error:
        raise SchemaError([Problem("syntax", (), f"not valid YAML: {str(error).splitlines()[0][:120]}")]) from None


class _Reader:
    """Turns events into values. Completed anchors can be repeated; the one being read cannot."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.lines: Lines = {}
        self.seen = 0
        self.anchors: dict[str, Any] = {}

    def document(self) -> Any:
        event = self._next()
        while _is(event, "StreamStart", "DocumentStart"):
            event = self._next()
        if _is(event, "StreamEnd"):
            raise SchemaError([Problem("syntax", (), "the document is empty")])
        value = self.value(event, ())
        while not _is(event, "StreamEnd"):
            event = self._next()
            if _is(event, "DocumentStart"):
                message = "a second document begins here"
                raise SchemaError([Problem("syntax", (), message, "keep one document per file", _line(event))])
        return value

    def value(self, event: Any, keys: Keys) -> Any:
        self.lines.setdefault(keys, _line(event))
        self.seen += 1
        if self.seen > MAX_VALUES:
            raise SchemaError([too_many(keys, _line(event))])
        if _is(event, "Alias"):
            unknown = InvalidScalar("syntax", f"there is no anchor '&{event.anchor}' above", "write the value out")
            return self.anchors.get(event.anchor, unknown)
        value = self._made(event, keys)
        if event.anchor:
            self.anchors[event.anchor] = value
        return value

    def _made(self, event: Any, keys: Keys) -> Any:
        tagged = _tag(event)
        if _is(event, "Scalar"):
            return tagged or _scalar(event)
        if len(keys) > MAX_DEPTH:
            raise SchemaError([too_deep(keys, _line(event))])
        made = self._mapping(keys) if _is(event, "MappingStart") else self._sequence(keys)
        return tagged or made

    def _sequence(self, keys: Keys) -> list[Any]:
        items: list[Any] = []
        while not _is(event := self._next(), "SequenceEnd"):
            items.append(self.value(event, (*keys, len(items))))
        return items

    def _mapping(self, keys: Keys) -> DuplicateKeyDict:
        mapped, twice, unparsed = DuplicateKeyDict(), dict[str, None](), []
        while not _is(event := self._next(), "MappingEnd"):
            key = _key(event, column=len(keys) > 1 and keys[-2] == "columns")
            if isinstance(key, InvalidScalar):
                unparsed.append((key, _line(event)))
                self._skip(event)
                self._skip(self._next())
                continue
            if key in mapped:
                twice[key] = None
            self.lines[(*keys, key)] = _line(event)
            mapped[key] = self.value(self._next(), (*keys, key))
        mapped.twice, mapped.unparsed = tuple(twice), tuple(unparsed)
        return mapped

    def _skip(self, event: Any) -> None:
        """Read to the end of the value that begins with `event`."""
        depth = 0
        while True:
            depth += _is(event, "MappingStart", "SequenceStart") - _is(event, "MappingEnd", "SequenceEnd")
            if depth == 0:
                return
            event = self._next()

    def _next(self) -> Any:
        return next(self.events)


def _is(event: Any, *names: str) -> bool:
    return type(event).__name__.removesuffix("Event") in names


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _tag(event: Any) -> InvalidScalar | None:
    tag = getattr(event, "tag", None)
    if not tag:
        return None
    return InvalidScalar("syntax", f"tags such as '{str(tag)[:40]}' are not supported", "write a plain value")


def _key(event: Any, *, column: bool) -> str | InvalidScalar:
    """A key as text, as written: `1`, `true` and `2024-01-01` are keys like any other; `column`: whether it stands in
    a column.
    """
    if not _is(event, "Scalar") or _tag(event) is not None:
        return InvalidScalar("syntax", "has a key that is not plain text", "write the key as text")
    if event.value == "<<" and not event.style:
        return InvalidScalar(
            "syntax", "merge keys (<<) are not supported", "write the keys out, or repeat whole values with *name"
        )
    value, text = _scalar(event), str(event.value)
    if value is None:
        written = f"a key {text}" if text else "a value without a key"
        nulls = "missing cells are declared by a modifier: modifiers: [{type: nulls, share: 0.1}]"
        hint = nulls if column and text else f'write it in quotes: "{text or "null"}"'
        return InvalidScalar("type", f"has {written}, which YAML reads as null", hint)
    return text.lower() if isinstance(value, bool) else text


def _scalar(event: Any) -> Any:
    text = str(event.value)
    if event.style:  # quoted or a block: always text
        return text
    if text.lower() in _WORDS and text in (text.lower(), text.upper(), text.title()):
        return _WORDS[text.lower()]
    if _INTEGER.match(text):
        return integer_of(text)
    if _BASED.match(text):
        return int(text, 0)
    if _FLOAT.match(text):
        return float_of(text)
    return not_finite(text) if _NOT_FINITE.match(text) else text
