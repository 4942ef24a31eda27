"""Person names of a language, from `data/names`, the most frequent first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

import numpy as np
import pyarrow as pa

from datagen.columnar.block import CATEGORY, Column, Words
from datagen.columnar.text import Bytes, WordTable, ascii_fold, text_array
from datagen.random.discrete_inverse_cdf import Categories

Locale = Literal["en", "de", "es", "fr", "it", "pt"]
LOCALES: tuple[str, ...] = get_args(Locale)
_SHIFT = 15.0


@dataclass(frozen=True, slots=True, eq=False)
class Pool:
    """Names with a long-tailed frequency: the k-th in proportion to 1 / (k + 15)."""

    names: tuple[str, ...]
    words: pa.Array
    pieces: WordTable
    frequency: Categories

    @classmethod
    def of(cls, names: list[str]) -> Pool:
        frequency = Categories.of([1.0 / (k + _SHIFT) for k in range(1, len(names) + 1)])
        return cls(tuple(names), text_array(names), WordTable.of(names), frequency)

    @property
    def fewest(self) -> int:
        """The number of names if each was as likely as the most likely one."""
        return int(sum((1.0 + _SHIFT) / (k + _SHIFT) for k in range(1, len(self.names) + 1)))

    def pick(self, words: Words) -> Column:
        """A name for each random word, as a category, shape (n,)."""
        return Column(CATEGORY, self.frequency.codes(words), dictionary=self.words)

    def folded(self, separators: Bytes, *, ends: bool) -> list[str]:
        """The names folded by `datagen.columnar.text.folded`, for each separator in turn; a separator of 0 is none.

        If requested, the names end with the separator.
        """
        words = text_array([f"{name} " for name in self.names]) if ends else self.words
        texts = (ascii_fold(words, np.full(len(self.names), one), digits=False).to_pylist() for one in separators)
        return [name for names in texts for name in names]


@cache
def pools(locale: str) -> tuple[Pool, Pool]:
    """First and last names."""
    raw = files("datagen").joinpath("data", "names", f"{locale}.json").read_text(encoding="utf-8")
    names = json.loads(raw)
    return Pool.of(names["first"]), Pool.of(names["last"])
