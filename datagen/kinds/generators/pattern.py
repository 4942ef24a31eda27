"""Text from a template, such as order numbers, licence plates or postcodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import TEXT, Column, Rows, Type, Words
from datagen.columnar.text import Bytes, strings
from datagen.declarations.constraints import PatternDeclaration, UniqueDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import table_of
from datagen.random.integers import MOST, Permutation
from datagen.random.streams import Stream
from datagen.scope import StaticContext

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

_EXPRESSION = re.compile(r"(?<!\\)(\\[dwsDWS]|\[[^\]]*\w-\w[^\]]*\](\{\d[^}]*\})?|[\])}]\{\d[^}]*\}|\([^)]*\|[^)]*\))")
"""Classes, counts and alternatives of regular expressions, which texts hardly have."""
_UPPER = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ALPHABETS = {"#": b"0123456789", "?": _UPPER, "*": b"0123456789" + _UPPER}
Places = list[tuple[int, Bytes]]
"""The positions of random characters in a text, and their alphabets."""
_PER_WORD = 8
"""Characters drawn from one random word. 36^8 is so far below 2^64 that the bias is negligible."""


class Pattern(Generator):
    """A template: `#` becomes a digit, `?` a letter, `*` either. Other characters stay, and so does one after a
    backslash.

    With `unique` each row has a distinct text, which does not change when the table grows.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(plate={"type": "pattern", "pattern": "??-####"}),
        table_of(serial={"type": "pattern", "pattern": "SN-######", "unique": True}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ( "bothify", "lexify", "numerify", "mask", "ean",
        "ean13", "isbn", "license_plate", "string", "char", "varchar", "characters", "alphanumeric",
        "random_string", "ssn", "code", "sku", "password", "hash", "digits", "md5", "sha1", "sha256", "vin", "nanoid",
        "nvarchar", "str",
    )  # fmt: skip
    snippets: ClassVar[tuple[tuple[str, str], ...]] = (
        (
            """{"type": "pattern", "pattern": "??-####"}; names are 'person_name', words of a list 'choice'""",
            "string str char varchar nvarchar characters",
        ),
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "text format mask string_format": "pattern",
        "length letters": "'#' is a digit, '?' a letter and '*' either: write as many as the text is long",
    }
    type: Literal["pattern"] = "pattern"
    pattern: str = Field(min_length=1, max_length=200, description="the template, such as 'AB-####'")
    unique: bool = Field(default=False, description="unique texts")

    @property
    def most_rows(self) -> int | None:
        return possible(parse_pattern(self.pattern)[1]) if self.unique else None

    def fewest_texts(self) -> int:
        return possible(parse_pattern(self.pattern)[1])

    def longest(self, scope: Scope) -> int:
        return len(parse_pattern(self.pattern)[0])

    def depends_on_row_number(self, context: StaticContext) -> bool:
        return self.unique and context.table.parent is not None

    @property
    def identifies(self) -> bool:
        return self.unique

    def result(self, scope: Scope) -> Type | None:
        return TEXT

    def problems(self, scope: Scope) -> Iterator[Problem]:
        expression = _EXPRESSION.search(self.pattern)
        if expression is not None:
            message = f"'{expression[0][:40]}' is part of a regular expression"
            hint = "the kind 'regex' takes regular expressions; a backslash before a bracket keeps it"
            yield scope.problem("syntax", message, hint, "pattern")
        elif not parse_pattern(self.pattern)[1]:
            hint = "write '#', '?' or '*', or use 'constant'"
            yield scope.problem("no-effect", "nothing in the pattern is random", hint, "pattern")

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact and self.unique:
            yield UniqueDeclaration(scope.table.name, (scope.column or "",))
        if self.intact:
            yield PatternDeclaration(
                scope.table.name, scope.column, regex=regex_of(self.pattern), what=f"'{self.pattern[:40]}'"
            )

    def bind(self, scope: Scope) -> Fill:
        template, drawn = parse_pattern(self.pattern)
        draws, width = self._draws(scope, drawn), len(template)

        def fill(rows: Rows) -> Column:
            text = np.tile(template, (len(rows), 1))
            for draw, places in draws:
                words = draw(rows)
                for at, alphabet in places:
                    words, symbol = np.divmod(words, np.uint64(len(alphabet)))
                    text[:, at] = alphabet[symbol.view(np.int64)]
            return Column(TEXT, strings(text.reshape(-1), np.arange(len(rows) + 1) * width))

        return fill

    def _draws(self, scope: Scope, drawn: Places) -> list[tuple[Callable[[Rows], Words], Places]]:
        """The words of the random characters, and their positions: up to eight from one word, or all from the row's
        number.
        """
        stream, own = scope.stream(), _own(drawn) if self.unique else []
        rest = drawn[: len(drawn) - len(own)]
        groups = [rest[first : first + _PER_WORD] for first in range(0, len(rest), _PER_WORD)]
        found = [(_drawn(stream.substream(i)), places) for i, places in enumerate(groups)]
        return [*found, (_numbered(Permutation.of(scope.stream("own"), possible(own))), own)] if own else found


def possible(places: Places) -> int:
    """The number of texts that these positions can make."""
    return prod(len(alphabet) for _, alphabet in places)


def _own(drawn: Places) -> Places:
    """The last positions, as many as a permutation can number, which make each row distinct."""
    return next(drawn[first:] for first in range(len(drawn) + 1) if possible(drawn[first:]) <= MOST)


def _drawn(stream: Stream) -> Callable[[Rows], Words]:
    return lambda rows: stream.words(rows.ids)


def _numbered(places: Permutation) -> Callable[[Rows], Words]:
    return lambda rows: places(rows.index).view(np.uint64)


def parse_pattern(pattern: str) -> tuple[Bytes, Places]:
    """The bytes of the template, and for each random character its position and its alphabet."""
    template, drawn, characters = b"", [], iter(pattern)
    for character in characters:
        if character in ALPHABETS:
            drawn.append((len(template), np.frombuffer(ALPHABETS[character], np.uint8)))
        if character == "\\":
            character = next(characters, character)
        template += character.encode("utf-8", "replace")
    return np.frombuffer(template, np.uint8), drawn


def regex_of(pattern: str) -> str:
    """A regular expression that matches every text of the template."""
    classes, parts, characters = {"#": "[0-9]", "?": "[A-Z]", "*": "[0-9A-Z]"}, [], iter(pattern)
    for character in characters:
        if character == "\\":
            parts.append(re.escape(next(characters, character)))
        else:
            parts.append(classes.get(character) or re.escape(character))
    return f"^{''.join(parts)}$"
