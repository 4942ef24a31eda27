"""Weighted categories of several groups, drawn in one pass: each row from the weights of its own group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Ints, Words
from datagen.random.discrete_inverse_cdf import Codes, exact_thresholds
from datagen.random.streams import Stream, in_chunks


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalCategories:
    """`thresholds[begins[g] : begins[g + 1]]` are those of group g; `codes[first[g]]` is its first category. Frozen and
    picklable.
    """

    thresholds: Words
    begins: Ints
    codes: Ints
    first: Ints

    @classmethod
    def of(cls, groups: Sequence[Sequence[tuple[int, float]]]) -> ConditionalCategories:
        """From the categories of each group with their weights. Raises ValueError as `exact_thresholds` does."""
        tables = [exact_thresholds([weight for _, weight in group]) for group in groups]
        begins = np.cumsum([0, *map(len, tables)])
        first = np.cumsum([0, *map(len, groups)])[:-1]
        codes = np.array([code for group in groups for code, _ in group], np.int64)
        return cls(np.append(np.concatenate(tables), np.uint64(0)), begins, codes, first)

    def sample(self, stream: Stream, ids: Words, groups: Ints) -> Codes:
        """The categories that `stream` gives the rows `ids` of these groups, int32, shape (n,)."""
        out = np.empty(len(ids), np.int32)
        for chunk in in_chunks(len(ids)):
            out[chunk] = self._codes(stream.words(ids[chunk]), groups[chunk])
        return out

    def _codes(self, words: Words, groups: Ints) -> Ints:
        """A binary search of each word between the thresholds of its group."""
        begin = self.begins.take(groups)
        low, high = begin.copy(), self.begins.take(groups + 1)
        for _ in range(int((high - low).max(initial=0)).bit_length()):
            middle = (low + high) >> 1
            reached = (words >= self.thresholds.take(middle)) & (low < high)
            low, high = np.where(reached, middle + 1, low), np.where(reached, high, middle)
        return self.codes.take(self.first.take(groups) + low - begin)
