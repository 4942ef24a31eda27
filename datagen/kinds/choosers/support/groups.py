"""Rows of one table in a block, grouped by an ancestor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.columnar.block import Block, Bools, Floats, Ints, Rows
from datagen.columnar.row_time import moments
from datagen.kinds.choosers.base import Chooser
from datagen.kinds.choosers.support.distributions import (
    Able,
    ChoiceDistribution,
    GroupedDistribution,
    Span,
    UniformDistribution,
)
from datagen.random.streams import Stream


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """Members are positions in the block, or positions in `order` if they are sorted by time within each group.

    `start` and `size` are the group of each choosing row, int64 (n,). `starts` and `sizes` are those of all groups.
    """

    block: Block
    start: Ints
    size: Ints
    starts: Ints
    sizes: Ints
    own: Ints
    """The group of each choosing row, int64 (n,)."""
    order: Ints | None
    times: Ints | None

    @classmethod
    def of(cls, shared: Rows, table: str, *, by_time: bool) -> Groups:
        """The rows of `table` below the ancestors `shared` of n rows."""
        block, starts, sizes = descendants(shared.block, table)
        own = np.arange(len(shared), dtype=np.int64) if shared.at is None else shared.at
        order = times = None
        when = moments(Rows(block)) if by_time else None
        if when is not None:
            order = np.lexsort((when, np.repeat(np.arange(len(sizes)), sizes)))
            times = when[order]
        return cls(block, starts[own], sizes[own], starts, sizes, own, order, times)

    def natural(self, members: Ints) -> Ints:
        """The positions of members in the block."""
        return members if self.order is None else self.order[members]

    def index(self, members: Ints) -> Ints:
        """The row indices of members."""
        return self.natural(members) + self.block.first if len(self.block) else members

    def greatest(self, values: Floats) -> Floats:
        """For each choosing row, the greatest value of a row in its group (0 if it is empty). Values are in block
        order.
        """
        peaks = np.zeros(len(self.sizes))
        np.maximum.at(peaks, np.repeat(np.arange(len(self.sizes)), self.sizes), values)
        found: Floats = peaks[self.own]
        return found

    def distribution(
        self, rows: Rows, times: Ints | None, popularity: tuple[Chooser, Stream], own: bool
    ) -> ChoiceDistribution:
        """The distribution of choices within groups: among all members, those that existed at `times`, or those before
        the row in its `own` table, in the order of the members.
        """
        count = self.size if times is None or self.times is None else self._existing(times)
        place = self._place(rows) if own else None
        if place is not None and times is None:
            count = np.minimum(count, place - self.start)

        def earlier(at: Ints, members: Ints) -> Bools:
            assert place is not None
            before: Bools = members < place[at]
            return before

        able = earlier if own and times is not None else None
        span = Span(self.start, count, times is None and not own, times)
        return self._ranked(span, popularity, able) if able or not popularity[0].uniform else UniformDistribution(span)

    def _place(self, rows: Rows) -> Ints:
        """The members that rows of the same table are, int64 (n,)."""
        here = np.arange(len(rows), dtype=np.int64) if rows.at is None else rows.at
        if self.order is None:
            return here
        member = np.empty(len(self.order), np.int64)
        member[self.order] = np.arange(len(self.order))
        return member[here]

    def _ranked(self, span: Span, popularity: tuple[Chooser, Stream], able: Able | None) -> ChoiceDistribution:
        """Members by their ranks within each group. Ranks are drawn by the identities of the members."""
        ranked, rank = self._ranks(*popularity)
        sums = np.concatenate(([0.0], np.cumsum(self._by_rank(popularity[0]))))
        return GroupedDistribution(span, self.start, self.size, ranked, rank, sums, able)

    def weights(self, chooser: Chooser, stream: Stream) -> Floats:
        """The weight of every member in its group, float64 (members,)."""
        return self._by_rank(chooser)[self._ranks(chooser, stream)[1]]

    def _by_rank(self, chooser: Chooser) -> Floats:
        return chooser.weights(np.arange(1, int(self.sizes.max(initial=0)) + 1, dtype=np.float64))

    def _ranks(self, chooser: Chooser, stream: Stream) -> tuple[Ints, Ints]:
        """The members in the order of their ranks within their groups, and the rank of each member from 0."""
        members = np.arange(len(self.block), dtype=np.int64)
        natural = self.natural(members)
        score = natural if chooser.by_key or chooser.uniform else stream.words(self.block.ids[natural])
        ranked = np.lexsort((score, np.repeat(np.arange(len(self.sizes)), self.sizes)))
        rank = np.empty(len(members), np.int64)
        rank[ranked] = members - np.repeat(self.starts, self.sizes)
        return ranked, rank

    def _existing(self, times: Ints) -> Ints:
        """The number of members of its group at the time of each row, by bisection."""
        assert self.times is not None
        low, high = self.start.copy(), self.start + self.size
        for _ in range(int(self.size.max(initial=0)).bit_length()):
            open_ = low < high
            middle = np.where(open_, (low + high) // 2, 0)
            there = open_ & (self.times[middle] <= times) if len(self.times) else open_ & False
            low, high = np.where(there, middle + 1, low), np.where(open_ & ~there, middle, high)
        return low - self.start


def spans(block: Any, table: str) -> tuple[Ints, Ints]:
    """For each row of `block`, the first row of a descendant table (dense index) and the number of rows."""
    below, starts, counts = descendants(block, table)
    return starts + below.first, counts


def descendants(block: Any, table: str) -> tuple[Any, Ints, Ints]:
    """The block of a descendant table, and for each row of `block` its first row there and the number of rows."""
    chain: list[Any] = []
    below = _descend(block, table, chain)
    starts = np.arange(len(block) + 1)
    for step in chain:
        starts = np.concatenate((step.starts, [len(step)]))[starts]
    return below, starts[:-1], np.diff(starts)


def _descend(block: Any, table: str, chain: list[Any]) -> Any:
    for child in block.children.values():
        chain.append(child)
        if child.table == table:
            return child
        found = _descend(child, table, chain)
        if found is not None:
            return found
        chain.pop()
    return None
