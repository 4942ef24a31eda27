"""Sets of integers as runs of successive numbers: dense keys take almost no memory, and overlaps are duplicates."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Ints, Words
from datagen.random.streams import mix

MOST = 1 << 23
"""The most runs that are kept (128 MB). Beyond that, half of the short runs is dropped repeatedly, by a hash of the
numbers.
"""
_ALIKE = 10
"""Numbers that share all but this many low bits are kept or dropped together, so that runs are not split."""


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """`first` to `last` of each run, int64, sorted and disjoint; the numbers seen; the duplicates among them.

    At `level` k only one in 2**k of the short runs is still compared: `share` of the numbers.
    """

    first: Ints
    last: Ints
    count: int
    twice: int
    level: int = 0
    sample: tuple[int, ...] = ()

    @property
    def share(self) -> float:
        return 0.5**self.level


def runs_of(numbers: Ints) -> Runs:
    """The set of these numbers, shape (n,), in any order."""
    if len(numbers) > 1 and bool((numbers[1:] <= numbers[:-1]).any()):
        numbers = np.sort(numbers)
    step = np.diff(numbers)  # it may overflow, but never to 0 or 1
    same = np.flatnonzero(step == 0)
    begins = np.append(0, np.flatnonzero((step != 0) & (step != 1)) + 1) if len(numbers) else np.zeros(0, np.int64)
    ends = np.append(begins[1:] - 1, len(numbers) - 1) if len(numbers) else begins
    return Runs(numbers[begins], numbers[ends], len(numbers), len(same), 0, _few(numbers[same]))


def united(one: Runs, other: Runs) -> Runs:
    """The union of both sets. Numbers in both are duplicates."""
    if not one.count or not other.count:
        return one if one.count else other
    level = max(one.level, other.level)
    level += len(one.first) + len(other.first) > MOST  # before merging, which needs several times their memory
    first = np.concatenate([_thinned(one, level).first, _thinned(other, level).first])
    last = np.concatenate([_thinned(one, level).last, _thinned(other, level).last])
    order = np.argsort(first, kind="stable")
    first, last = first[order], last[order]
    reach = np.maximum.accumulate(last)
    before, later = reach[:-1], first[1:]
    shared = np.flatnonzero(later <= before) + 1
    overlap = np.minimum(last[shared], reach[shared - 1]) - first[shared] + 1
    twice = one.twice + other.twice + int(overlap.sum())
    begins = np.flatnonzero(np.append(len(first) > 0, (later > before) & (later - 1 > before)))
    ends = np.append(begins[1:], len(first)) - 1
    sample = _few(np.array([*one.sample, *other.sample, *first[shared][:5].tolist()], np.int64))
    return Runs(first[begins], reach[ends], one.count + other.count, twice, level, sample)


def _thinned(runs: Runs, level: int) -> Runs:
    """The runs that are compared at this level. Long runs always are."""
    if level == runs.level:
        return runs
    classes = mix((runs.first >> _ALIKE).view(np.uint64)) & np.uint64((1 << level) - 1)
    kept = (classes == 0) | (runs.last - runs.first >= 1 << _ALIKE)
    return Runs(runs.first[kept], runs.last[kept], runs.count, runs.twice, level, runs.sample)


def _few(numbers: Ints) -> tuple[int, ...]:
    return tuple(np.unique(numbers)[:5].tolist())


def as_numbers(words: Words) -> Ints:
    """Hashes as integers for runs."""
    return words.view(np.int64)
