"""LIKE and ILIKE."""

from __future__ import annotations

import pyarrow.compute as pc

from datagen.block import BOOL, TEXT, Values
from datagen.expressions.arrow import as_bools, as_text
from datagen.expressions.registry import Arguments, Evaluate, Rule, Typed, function
from datagen.expressions.rules import type_error, written
from datagen.expressions.text import texts
from datagen.expressions.tree import Constant, Node

LONGEST = 500
"""A pattern has at most this many characters."""


def _rule(what: str) -> Rule:
    """Text, a pattern, and the character that takes % and _ literally ('' for none)."""

    def rule(args: tuple[Node, ...]) -> Typed:
        pattern = str(written(f"the pattern of {what}", args[1], TEXT).value)
        escape = str(written("the ESCAPE character", args[2], TEXT).value)
        if len(pattern) > LONGEST:
            raise type_error(f"the pattern of {what} is longer than {LONGEST} characters")
        return (texts(what, args[0]), Constant(_arrow(pattern, escape), TEXT), args[2]), BOOL

    return rule


def _arrow(pattern: str, escape: str) -> str:
    """A pattern as Arrow wants it, whose escape character is always the backslash."""
    if len(escape) > 1:
        raise type_error("ESCAPE takes one character", "such as LIKE '10!%' ESCAPE '!'")
    result, characters = [], iter(pattern)
    for character in characters:
        if character == escape:
            following = next(characters, None)
            if following is None:
                raise type_error("the pattern of LIKE ends with its ESCAPE character")
            result.append("\\" + following if following in "%_\\" else following)
        else:
            result.append("\\\\" if character == "\\" else character)
    return "".join(result)


def _matching(fold: bool) -> Evaluate:
    def evaluate(args: Arguments) -> Values:
        cells, pattern = args[0], args.call.args[1]
        assert isinstance(pattern, Constant)
        return Values(BOOL, as_bools(pc.match_like(as_text(cells), str(pattern.value), ignore_case=fold)), cells.valid)

    return evaluate


function("LIKE", (3, 3), _rule("LIKE"), public=False)(_matching(False))
function("ILIKE", (3, 3), _rule("ILIKE"), public=False)(_matching(True))
