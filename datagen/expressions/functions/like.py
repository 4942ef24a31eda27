"""LIKE and ILIKE."""

from __future__ import annotations

import re

import pyarrow as pa

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import BOOL, TEXT, Column
from datagen.expressions.functions.registry import Arguments, Evaluate, Rule, Typed, function
from datagen.expressions.functions.text import texts
from datagen.expressions.runtime.arrow_bridge import as_bools, as_text
from datagen.expressions.tree import Constant, Node
from datagen.expressions.typing import type_error, written

_WILD = {"%": ".*", "_": "."}
LONGEST = 500
"""A pattern has at most this many characters."""


def _rule(what: str) -> Rule:
    """Text, a pattern, and the escape character of % and _ ('' for none)."""

    def rule(args: tuple[Node, ...]) -> Typed:
        pattern = str(written(f"the pattern of {what}", args[1], TEXT).value)
        escape = str(written("the ESCAPE character", args[2], TEXT).value)
        if len(pattern) > LONGEST:
            raise type_error(f"the pattern of {what} is longer than {LONGEST} characters")
        _regex(pattern, escape)
        return (texts(what, args[0]), args[1], args[2]), BOOL

    return rule


def _regex(pattern: str, escape: str) -> str:
    """A pattern with its escapes as a regular expression. Raises ExpressionError."""
    if len(escape) > 1:
        raise type_error("ESCAPE takes one character", "such as LIKE '10!%' ESCAPE '!'")
    parts, characters = [], iter(pattern)
    for character in characters:
        if character == escape:
            literal = next(characters, None)
            if literal is None:
                raise type_error("the pattern of LIKE ends with its ESCAPE character")
            parts.append(re.escape(literal))
        else:
            parts.append(_WILD.get(character) or re.escape(character))
    return r"(?s)\A" + "".join(parts) + r"\z"


def _match(text: pa.Array, pattern: str, escape: str, fold: bool) -> pa.Array:
    if escape or "\\" in pattern:  # Arrow's fast paths for 'x%' and '%x' ignore escapes
        return pc.match_substring_regex(text, pattern=_regex(pattern, escape), ignore_case=fold)
    return pc.match_like(text, pattern, ignore_case=fold)


def _matching(fold: bool) -> Evaluate:
    def evaluate(args: Arguments) -> Column:
        cells, *written = args[0], *args.call.args[1:]
        pattern, escape = (str(arg.value) for arg in written if isinstance(arg, Constant))
        return Column(BOOL, as_bools(_match(as_text(cells), pattern, escape, fold)), cells.valid)

    return evaluate


function("LIKE", (3, 3), _rule("LIKE"), public=False)(_matching(False))
function("ILIKE", (3, 3), _rule("ILIKE"), public=False)(_matching(True))
