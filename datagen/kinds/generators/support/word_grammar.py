"""Texts put together from words by forms such as "{adjective} {noun}"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

import numpy as np
import pyarrow as pa

from datagen.columnar.block import TEXT, Column, Ints, Words
from datagen.columnar.text import WordTable, concat_words
from datagen.kinds.generators.support.merge_cases import assembled
from datagen.random.integers import uniform_below
from datagen.random.streams import Stream

_PIECE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True, eq=False)
class Grammar:
    """Forms, each a list of pools of words; `first[g]` is the first form of group g, `many[g]` how
    many it has, int64.
    """

    forms: tuple[tuple[WordTable, ...], ...]
    first: Ints
    many: Ints
    fewest: int
    """The reciprocal of the probability of the most likely text in any group, rounded down."""

    @classmethod
    def of(cls, groups: Sequence[Sequence[str]], pools: Mapping[str, Sequence[str]]) -> Grammar:
        """The forms of each group: texts in which `{name}` stands for a word of that pool, all equally likely."""
        tables = {name: WordTable.of(list(words)) for name, words in pools.items()}
        forms = [_form(form, tables) for group in groups for form in group]
        many = np.array([len(group) for group in groups], np.int64)
        largest = {name: Fraction(max(Counter(words).values()), len(words)) for name, words in pools.items()}
        fewest = min(
            len(group) / (times * prod(largest[name] for name in _PIECE.findall(form)))
            for group in groups
            for form, times in Counter(group).items()
        )
        return cls(tuple(forms), np.cumsum(many) - many, many, int(fewest))

    @property
    def longest(self) -> int:
        """The bytes of the longest text."""
        return max(sum(int(table.lengths.max()) for table in form) for form in self.forms)

    def texts(self, stream: Stream, ids: Words, groups: Ints) -> pa.Array:
        """A text of the group of each row, shape (n,); one substream for each word."""
        form = self.first[groups] + uniform_below(stream.substream(0).words(ids), self.many[groups])
        parts, places = [], []
        for number, tables in enumerate(self.forms):
            at = np.flatnonzero(form == number)
            if len(at):
                drawn = [
                    (table, uniform_below(stream.substream(1 + k).words(ids[at]), len(table.lengths)))
                    for k, table in enumerate(tables)
                ]
                parts.append(Column(TEXT, concat_words(drawn)))
                places.append(at)
        return parts[0].data if len(parts) == 1 else assembled(parts, places, len(ids), TEXT).data


def _form(form: str, tables: Mapping[str, WordTable]) -> tuple[WordTable, ...]:
    pieces = _PIECE.split(form)
    return tuple(tables[piece] if i % 2 else WordTable.of([piece]) for i, piece in enumerate(pieces) if piece)
