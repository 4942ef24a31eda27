"""Text after a template: order numbers, licence plates, postcodes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.block import TEXT, Rows, Type, Values
from datagen.generators.base import Fill, Generator
from datagen.generators.samples import table_of
from datagen.measures.text_pattern import TextPattern
from datagen.text import Bytes, strings

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.measures.base import Measure
    from datagen.scope import Scope

_UPPER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABETS = {"#": b"0123456789", "?": _UPPER, "*": b"0123456789" + _UPPER}
_PER_WORD = 8
"""Characters drawn from one random word: 36^8 is so far below 2^64 that no character is favoured."""


class Pattern(Generator):
    """A template: `#` becomes a digit, `?` a letter, `*` either; everything else stays, and so does what follows a backslash."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(plate={"type": "pattern", "pattern": "??-####"}),)

    type: Literal["pattern"] = "pattern"
    pattern: str = Field(min_length=1, max_length=200, description="the template, such as 'AB-####'")

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def problems(self, scope: Scope) -> Iterator[Problem]:
        _, drawn = parse_pattern(self.pattern)
        if not drawn:
            yield scope.problem(
                "no-effect", "nothing in the pattern is random", "write '#', '?' or '*', or use 'constant'", "pattern"
            )

    def measures(self, scope: Scope) -> Iterable[Measure]:
        if self.intact:
            yield TextPattern(
                scope.table.name, scope.column, regex=regex_of(self.pattern), what=f"'{self.pattern[:40]}'"
            )

    def bind(self, scope: Scope) -> Fill:
        template, drawn = parse_pattern(self.pattern)
        stream, width = scope.stream(), len(template)
        lanes = [stream.lane(i) for i in range(-(-len(drawn) // _PER_WORD))]

        def fill(rows: Rows) -> Values:
            text = np.tile(template, (len(rows), 1))
            for i, (at, alphabet) in enumerate(drawn):
                if i % _PER_WORD == 0:
                    words = lanes[i // _PER_WORD].words(rows.ids)
                words, symbol = np.divmod(words, np.uint64(len(alphabet)))
                text[:, at] = alphabet[symbol.view(np.int64)]
            return Values(TEXT, strings(text.reshape(-1), np.arange(len(rows) + 1) * width))

        return fill


def parse_pattern(pattern: str) -> tuple[Bytes, list[tuple[int, Bytes]]]:
    """The bytes of the template, and for each random one its place and its alphabet."""
    template, drawn, characters = b"", [], iter(pattern)
    for character in characters:
        if character in ALPHABETS:
            drawn.append((len(template), np.frombuffer(ALPHABETS[character], np.uint8)))
        if character == "\\":
            character = next(characters, character)
        template += character.encode("utf-8", "replace")
    return np.frombuffer(template, np.uint8), drawn


def regex_of(pattern: str) -> str:
    """What every text after the template matches."""
    classes, parts, characters = {"#": "[0-9]", "?": "[A-Z]", "*": "[0-9A-Z]"}, [], iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(re.escape(next(characters, character)))
        else:
            parts.append(classes.get(character) or re.escape(character))
    return f"^{''.join(parts)}$"
