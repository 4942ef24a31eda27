"""Intervals of sorted rows, and which of them hold a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Column, Floats, Ints
from datagen.kinds.choosers.support.distributions import ChoiceDistribution
from datagen.kinds.choosers.support.exponential_race import Shortlist

_UNENDING = 2**61
"""The length of an interval without end, in microseconds or days."""


@dataclass(frozen=True, slots=True, eq=False)
class SortedIntervals:
    """How many rows of a sorted table hold a moment, by group. Where it is one, nothing has to be drawn.

    `edges` are the distinct starts and ends. `keys` are the group and the edge of each start and end, ascending; after
    the first k of them, `counts[k]` intervals hold and `sums[k]` is the sum of their positions. `order` are positions
    by group and start, `starts` the group and the edge of each start in this order. `longest` is that of each group.
    """

    edges: Ints
    keys: Ints
    counts: Ints
    sums: Ints
    order: Ints
    starts: Ints
    longest: Ints

    @classmethod
    def of(cls, groups: Ints, limits: Sequence[Column], weights: Floats | None) -> SortedIntervals:
        low, high = (one.data.astype(np.int64) for one in limits)
        open_ = np.zeros(len(high), np.bool_) if limits[1].valid is None else ~limits[1].valid
        some = (low < high) | open_
        some = some if limits[0].valid is None else some & limits[0].valid
        at = np.flatnonzero(some if weights is None else some & (weights > 0.0))
        edges = np.unique(np.concatenate((low[at], high[at])))
        ends = np.where(open_[at], len(edges), np.searchsorted(edges, high[at]))
        keys = np.concatenate((np.searchsorted(edges, low[at]), ends)) + 1 + np.tile(groups[at], 2) * (len(edges) + 2)
        order = np.argsort(keys, kind="stable")
        step = np.where(order < len(at), 1, -1)
        counts, sums = (np.append(0, np.cumsum(one)) for one in (step, step * np.tile(at, 2)[order]))
        longest = np.zeros(int(groups.max(initial=-1)) + 1, np.int64)
        np.maximum.at(longest, groups[at], np.where(open_[at], _UNENDING, high[at] - low[at]))
        first = order[order < len(at)]
        return cls(edges, keys[order], counts, sums, at[first], keys[first], longest)

    def _before(self, groups: Ints, times: Ints, keys: Ints) -> Ints:
        """How many keys are of earlier groups, or of the group of each row and not after its time."""
        edge = np.searchsorted(self.edges, times, side="right")
        return np.searchsorted(keys, groups * (len(self.edges) + 2) + edge, side="right").astype(np.int64)

    def shortlist(self, distribution: ChoiceDistribution, groups: Ints, moment: Column) -> Shortlist:
        """The intervals that may hold the moment of each row: they began before it, by the longest length at most."""
        times, origin = moment.data.astype(np.int64), distribution.spans(np.arange(len(groups)))[0]
        since = times - self.longest.take(groups, mode="clip") if len(self.longest) else times
        first, end = (self._before(groups, one, self.starts) for one in (since, times))
        return Shortlist(distribution, origin, self.order, first, np.maximum(end - first, 0))

    def at(self, groups: Ints, moment: Column) -> tuple[Ints, Ints]:
        """The number of intervals that hold the moment of each row, and its position where that is one, int64 (n,)."""
        before = self._before(groups, moment.data.astype(np.int64), self.keys)
        there = groups >= 0 if moment.valid is None else (groups >= 0) & moment.valid
        return np.where(there, self.counts[before], 0), self.sums[before]
