"""Stratified words in place of a random stream: the values that a distribution gives them are its quantiles.

Code that needs the quantiles of a distribution passes this stream to the code that draws from it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Words
from datagen.random.streams import Stream

_APART = "evenly spread"
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class StratifiedStream(Stream):
    """The words of rows 0 to `n` - 1 are the middles of n equal parts of all words; its substreams are random."""

    n: int

    def words(self, ids: Words, out: Words | None = None) -> Words:
        """The words of the rows `ids`, uint64, shape (n,)."""
        part = (1 << 64) // self.n
        words: Words = ids * np.uint64(part) + np.uint64(part // 2)
        if out is None:
            return words
        out[:] = words
        return out

    def uniforms(self, ids: Words, out: Floats | None = None) -> Floats:
        """(row + 1/2) / n, shape (n,)."""
        uniforms: Floats = (ids.astype(np.float64) + 0.5) / self.n
        if out is None:
            return uniforms
        out[:] = uniforms
        return out

    def substream(self, number: int) -> Stream:
        """An independent stream, the same everywhere."""
        return Stream.named(0, _APART, str(number))


def golden_ratio_sequence(n: int) -> Floats:
    """Numbers of [0, 1) for rows 0 to n - 1: a low-discrepancy sequence (golden ratio), uniform over every range of
    rows.
    """
    words = np.arange(n, dtype=np.uint64) * _GOLDEN
    found: Floats = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return found
