"""Discrete distributions as thresholds on the 64-bit word: exact, and no rounding of small probabilities."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from datagen.columnar.block import Floats, Ints, Words
from datagen.random.streams import CHUNK, Stream, in_chunks

Codes = npt.NDArray[np.int32]

_WORDS = 1 << 64
_FEW = 10  # thresholds from which on a guide table is faster than comparing with each
_CHUNK = 8192


@dataclass(frozen=True, slots=True, eq=False)
class ThresholdTable:
    """How many of the sorted `thresholds` a word has reached, found by a guide table. Frozen and picklable.

    `guide` counts the thresholds at or below the start of each of 2**bits buckets of words.
    """

    thresholds: Words
    guide: Ints
    bits: int

    @classmethod
    def of(cls, thresholds: Words) -> ThresholdTable:
        """Thresholds must not fall; shape (m,)."""
        bits = min(max(len(thresholds).bit_length() + 2, 8), 20)
        starts = np.arange(1 << bits, dtype=np.uint64) << np.uint64(64 - bits)
        guide = np.searchsorted(thresholds, starts, side="right").astype(np.int64)
        return cls(np.append(thresholds, np.uint64(_WORDS - 1)), guide, bits)

    @classmethod
    def of_masses(cls, masses: Floats) -> ThresholdTable:
        """From probabilities that sum to 1 but for rounding, shape (m + 1,); both tails stay precise."""
        below, above = np.cumsum(masses), np.cumsum(masses[::-1])[::-1]
        ends = zip(below[:-1].tolist(), above[1:].tolist(), strict=True)
        places = [int(low * _WORDS) if low < 0.5 else _WORDS - int(high * _WORDS) for low, high in ends]
        reachable = [place for place in accumulate(places, max) if place < _WORDS]
        return cls.of(np.array(reachable, np.uint64))

    def at(self, words: Words, out: Ints | None = None) -> Ints:
        """int64 from 0 to m, shape (n,); a larger word never gives a smaller number."""
        out = np.empty(len(words), np.int64) if out is None else out
        for chunk in in_chunks(len(words), _CHUNK):
            self._fill(words[chunk], out[chunk])
        return out

    def _fill(self, words: Words, out: Ints) -> None:
        last = len(self.thresholds) - 1
        buckets = (words >> np.uint64(64 - self.bits)).view(np.int64)
        self.guide.take(buckets, out=out, mode="clip")
        out += words >= self.thresholds.take(out, mode="clip")
        # A bucket with more than one threshold may need more than that one step.
        short = np.flatnonzero(words >= self.thresholds.take(out, mode="clip"))
        if len(short):
            out[short] = np.searchsorted(self.thresholds[:last], words[short], side="right")


def exact_thresholds(weights: Sequence[float]) -> Words:
    """Where each category but the first begins, on the scale of the 64-bit word, rounded down from exact fractions.

    Shape (categories - 1,) or less: categories that no word can reach for want of weight are left off the end. Raises
    ValueError for weights that are negative, not finite, or all 0.
    """
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights):
        raise ValueError("weights must be finite and not negative")
    ratios = [weight.as_integer_ratio() for weight in weights]
    scale = math.lcm(*(denominator for _, denominator in ratios))
    sums = list(accumulate(numerator * (scale // denominator) for numerator, denominator in ratios))
    if not sums or sums[-1] == 0:
        raise ValueError("at least one weight must be above 0")
    places = (part * _WORDS // sums[-1] for part in sums[:-1])
    return np.array([place for place in places if place < _WORDS], np.uint64)


@dataclass(frozen=True, slots=True, eq=False)
class Categories:
    """Weighted categories; `steps` is only there when they are many. Frozen and picklable."""

    thresholds: Words
    steps: ThresholdTable | None

    @classmethod
    def of(cls, weights: Sequence[float]) -> Categories:
        """Categories 0, 1, 2 ... in proportion to `weights`. Raises ValueError as `exact_thresholds` does."""
        thresholds = exact_thresholds(weights)
        return cls(thresholds, ThresholdTable.of(thresholds) if len(thresholds) >= _FEW else None)

    def sample(self, stream: Stream, ids: Words) -> Codes:
        """The categories that `stream` gives the rows `ids`, int32, shape (n,)."""
        out, buffer = np.empty(len(ids), np.int32), np.empty(min(len(ids), CHUNK), np.uint64)
        for chunk in in_chunks(len(ids)):
            self._fill(stream.words(ids[chunk], buffer[: chunk.stop - chunk.start]), out[chunk])
        return out

    def codes(self, words: Words) -> Codes:
        """The category of each word, int32, shape (n,)."""
        out = np.empty(len(words), np.int32)
        for chunk in in_chunks(len(words)):
            self._fill(words[chunk], out[chunk])
        return out

    def _fill(self, words: Words, out: Codes) -> None:
        """The categories of one chunk; few thresholds are counted in bytes, an eighth of the memory of the words."""
        if self.steps is not None:
            out[:] = self.steps.at(words)
            return
        count, reached = np.zeros(len(words), np.int8), np.empty(len(words), np.bool_)
        for threshold in self.thresholds:
            np.greater_equal(words, threshold, out=reached)
            count += reached.view(np.int8)
        out[:] = count


@dataclass(frozen=True, slots=True, eq=False)
class ConditionalCategories:
    """A discrete distribution for each group of rows, drawn from in one pass.

    `thresholds[begins[g] : begins[g + 1]]` are those of group g; `codes[first[g]]` is its first category. Frozen and
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
