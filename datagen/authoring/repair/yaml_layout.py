"""The layout of YAML documents: an object that does not fit into a line has its keys below each other."""

from __future__ import annotations

import io
import re
import sys
from typing import Any

from datagen.schema.layout import WIDTH, filled_line

Node = Any
"""An object, a list or a scalar of ruamel.yaml's round trip, which keeps comments."""
_COMMENT = re.compile(r"( *(?:- )*[^\s#\"':{\[]+:) +(#.*)")
"""A comment behind a key; it was further right where the value stood on the line."""


def load(text: str) -> Node:
    """The document of a YAML text with its comments. Raises ValueError where the library cannot read it."""
    return _reader().load(text)


def dump(root: Node, *, flat: bool = False) -> str:
    """The document as text, without trailing blanks. A `flat` one keeps its long lines."""
    if not flat:
        _below(root, 0, 0)
    written = io.StringIO()
    _reader().dump(root, written)
    text = written.getvalue()
    if flat:
        return text
    lines = (_COMMENT.sub(r"\1 \2", line.rstrip(" ")) for line in text.split("\n"))
    made = "\n".join(part for line in lines for part in filled_line(line))
    return made if made == text or load(made) == load(text) else text


def _lay_out(node: Node, indent: int) -> None:
    """Put the keys below each other in what is within a node, and does not fit into a line; the node is at `indent`."""
    if isinstance(node, dict):
        for key, value in node.items():
            _below(value, indent + _length(key) + 2, indent + (4 if isinstance(value, list) else 2))
    elif isinstance(node, list):
        for value in node:
            _below(value, indent, indent + (2 if isinstance(value, list) else 0))


def _below(value: Node, used: int, indent: int) -> None:
    """Lay out a value that begins after `used` characters of its line; `indent` is that of lines below it."""
    style = getattr(value, "fa", None)
    if not value or not isinstance(value, dict | list) or style is None:
        return
    if style.flow_style():
        if used + _length(value) <= WIDTH or not _is_deep(value):
            return
        style.set_block_style()
    _lay_out(value, indent)


def _is_deep(value: Node) -> bool:
    """Whether a value is more than scalars, scalars with weights, or rows of scalars."""
    if isinstance(value, dict):
        return "type" in value or any(isinstance(one, dict | list) for one in value.values())
    inner = [part for one in value for part in (one if isinstance(one, list) else [one])]
    return any(isinstance(one, dict | list) for one in inner)


def _length(value: Node) -> int:
    """The number of characters of a value on one line."""
    if isinstance(value, dict):
        return sum(_length(key) + _length(one) + 4 for key, one in value.items()) if value else 2
    if isinstance(value, list):
        return sum(_length(one) + 2 for one in value) if value else 2
    return len(str(value)) + 2 * type(value).__name__.endswith("QuotedScalarString")


def _reader() -> Any:
    from ruamel.yaml import YAML  # start-up: only documents in YAML need it
    from ruamel.yaml.emitter import RoundTripEmitter

    class Emitter(RoundTripEmitter):
        """Folds long texts, and no objects and lists on one line."""

        @property
        def best_width(self) -> int:
            return sys.maxsize if self.flow_level else WIDTH

        @best_width.setter
        def best_width(self, _: int) -> None:
            pass

    yaml = YAML(typ="rt")
    yaml.Emitter = Emitter
    yaml.preserve_quotes = True
    yaml.width = WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
