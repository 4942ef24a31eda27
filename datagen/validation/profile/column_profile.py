"""The profile of one column: rows, missing cells, minimum and maximum, mean, distinct values, most frequent texts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import Column, Words, as_numpy
from datagen.columnar.cell_hashes import cell_hashes

DISTINCT = 1024
"""Distinct values are exact up to this number, then an estimate with a standard error of 3 %."""
MOST_WORDS = 1000
"""Categories with more values than this are not counted one by one."""
_ALL = 2.0**64
_HEAD = 4 * DISTINCT
_DENSE = 4
"""Whole numbers use a table of flags if their range is at most this many times their number."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Summary statistics of the cells of a column.

    `low`, `high` and `total` are in the units of `Column.data` (minor units, microseconds), for text in letters; None
    without cells. `smallest` are the least hashes of the cells, ascending, shape (at most `DISTINCT`,): a KMV sketch.
    `words` are the counts of each value of a category or a boolean, None if there are too many.
    """

    rows: int
    missing: int
    low: float | int | None
    high: float | int | None
    total: float
    smallest: Words
    words: Counter[str] | None

    @property
    def present(self) -> int:
        return self.rows - self.missing

    @property
    def mean(self) -> float | None:
        return self.total / self.present if self.present else None

    @property
    def distinct(self) -> int:
        """The number of distinct values; an estimate where `exact` is false."""
        if self.exact:
            return len(self.smallest)
        share = (float(self.smallest[DISTINCT - 1]) + 1.0) / _ALL
        return min(round((DISTINCT - 1) / share), self.present)

    @property
    def exact(self) -> bool:
        return len(self.smallest) < DISTINCT

    def merge(self, other: ColumnProfile) -> ColumnProfile:
        """The profile of two parts together."""
        words = None if self.words is None or other.words is None else self.words + other.words
        return ColumnProfile(
            self.rows + other.rows,
            self.missing + other.missing,
            _first(min, self.low, other.low),
            _first(max, self.high, other.high),
            self.total + other.total,
            np.union1d(self.smallest, other.smallest)[:DISTINCT],
            words if words is not None and len(words) <= MOST_WORDS else None,
        )


def profile_of(column: Column) -> ColumnProfile:
    """The profile of the cells of a column."""
    there = column if column.valid is None else column.take(np.flatnonzero(column.valid))
    low, high, total = _range(there)
    hashes = _smallest(cell_hashes(_reduced(there, low, high)))
    return ColumnProfile(len(column), column.missing, low, high, total, hashes, _words(there))


def _reduced(there: Column, low: Any, high: Any) -> Column:
    """The distinct cells, if they are cheap to find, to reduce hashing."""
    if there.dictionary is not None:
        return _used(there)
    whole = isinstance(there.data, np.ndarray) and there.data.dtype == np.int64
    if not whole or not len(there) or high - low > _DENSE * len(there):
        return there
    seen = np.zeros(high - low + 1, np.bool_)
    seen[there.data - low] = True
    return Column(there.type, np.flatnonzero(seen) + low)


def _used(there: Column) -> Column:
    """One cell for each word that occurs."""
    assert there.dictionary is not None
    codes = np.flatnonzero(np.bincount(there.data, minlength=len(there.dictionary)))
    return Column(there.type, codes.astype(np.int32), None, there.dictionary)


def _smallest(hashes: Words) -> Words:
    """The least distinct hashes, ascending, shape (at most `DISTINCT`,)."""
    size = max(_HEAD, math.isqrt(DISTINCT * len(hashes)))
    if len(hashes) > size:
        head = np.unique(hashes[:size])
        if len(head) >= DISTINCT:  # hashes above the least of a part are not among the least of all
            hashes = hashes[hashes <= head[DISTINCT - 1]]
    return np.unique(hashes)[:DISTINCT]


def _range(there: Column) -> tuple[Any, Any, float]:
    amounts = _lengths(there) if there.type.textual else there.data
    if there.type.name == "float":
        amounts = amounts[np.isfinite(amounts)]
    if not len(amounts):
        return None, None, 0.0
    with np.errstate(over="ignore"):
        total = np.nan_to_num(amounts.sum(dtype=np.float64))  # clipped to the range
    return amounts.min().item(), amounts.max().item(), float(total)


def _lengths(there: Column) -> Any:
    """The number of letters of each cell, int64 (n,)."""
    texts = there.data if there.dictionary is None else there.dictionary
    lengths = as_numpy(pc.call_function("utf8_length", [texts])).astype(np.int64)
    return lengths if there.dictionary is None else lengths[there.data]


def _words(there: Column) -> Counter[str] | None:
    if there.type.name == "bool":
        true = int(np.count_nonzero(there.data))
        return Counter({word: count for word, count in (("true", true), ("false", len(there) - true)) if count})
    if there.dictionary is None:
        return Counter() if not len(there) else None
    counts = np.bincount(there.data, minlength=len(there.dictionary))
    used = np.flatnonzero(counts)
    if len(used) > MOST_WORDS:
        return None
    return Counter({str(there.dictionary[int(k)].as_py()): int(counts[k]) for k in used})


def _first(choose: Any, one: Any, other: Any) -> Any:
    known = [value for value in (one, other) if value is not None]
    return choose(known) if known else None
