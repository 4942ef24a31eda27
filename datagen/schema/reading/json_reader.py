"""Reads JSON text into plain values. Duplicate keys, NaN and unbounded numbers are problems."""

from __future__ import annotations

import json
import re
from typing import Any

from datagen.errors import Problem, SchemaError
from datagen.schema.reading.json_values import MAX_DEPTH, DuplicateKeyDict, float_of, integer_of, not_finite, too_deep

_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_HINTS = {
    "'": 'write "double quotes"',
    "/": "JSON has no comments; use YAML",
    "#": "JSON has no comments; use YAML",
    "}": "remove the comma before it, or add the missing value",
    "]": "remove the comma before it, or add the missing value",
    ",": "remove it, or add the missing value",
}
"""Hints by the unexpected character."""
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


def parse_json(text: str) -> Any:
    """The values of `text`, with `InvalidScalar` and `DuplicateKeyDict` marks for `plain`. Raises SchemaError if it is
    not JSON.
    """
    if _depth(text) > MAX_DEPTH:  # the parser recurses; its depth limit depends on the version of Python
        raise SchemaError([too_deep(())])
    try:
        return json.loads(
            text, object_pairs_hook=_object, parse_int=integer_of, parse_float=float_of, parse_constant=not_finite
        )
    except json.JSONDecodeError as error:
        raise SchemaError([_syntax(error, len(text))]) from None


def _depth(text: str) -> int:
    """The nesting depth of lists and objects."""
    deepest = depth = 0
    for mark in _MARKS.finditer(text):
        depth += _STEPS.get(mark[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _syntax(error: json.JSONDecodeError, length: int) -> Problem:
    message = error.msg[:1].lower() + error.msg[1:].removesuffix(" starting at").removesuffix(" at")
    if message == "extra data":
        message = "there is text after the end of the document"
    hint = _HINTS.get(error.doc[error.pos : error.pos + 1], "")
    if error.pos >= length or error.msg.startswith("Unterminated"):
        message, hint = message + "; the text ends too early", ""
    return Problem("syntax", (), f"not valid JSON at line {error.lineno}, column {error.colno}: {message}", hint)


def _object(pairs: list[tuple[str, Any]]) -> DuplicateKeyDict:
    mapped = DuplicateKeyDict(pairs)
    if len(mapped) < len(pairs):
        seen: set[str] = set()
        twice: list[str] = []
        for key, _ in pairs:
            if key in seen and key not in twice:
                twice.append(key)
            seen.add(key)
        mapped.twice = tuple(twice)
    return mapped
