"""Distributions of choice: how n rows draw members of their domains, and the weight of each member.

A domain is a span of successive members: rows of the referenced table, by their index, or positions in a block.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints, Words
from datagen.kinds.choosers.base import Chooser, Draw
from datagen.random.integers import Permutation, uniform_below
from datagen.random.streams import Stream

MOST_SUMS = 1 << 22
"""The most cumulative weights in memory; beyond that, one is kept for every few rows."""
_AT_ONCE = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """For each of n rows, the members that it may choose: `count` successive ones from `first`, int64 (n,).

    `fixed`: they are the same for all rows of one parent. `times` are the times of the choices, if they matter.
    """

    first: Ints
    count: Ints
    fixed: bool
    times: Ints | None = None


Able = Callable[[Ints, Ints], Bools]
"""Which members, int64 (m,), the rows at these positions may choose."""


class ChoiceDistribution(Protocol):
    """`at` are choosing rows, int64 (m,), as positions among the n. Members are int64 (m,), -1 for none."""

    @property
    def fixed(self) -> bool:
        """Whether the rows of one parent have the same domain and the same weights."""

    @property
    def nested(self) -> bool:
        """Whether its candidates are exactly the members that a row may choose."""

    def propose(self, at: Ints, words: Words) -> Ints:
        """A member for each row, in proportion to the weights, or to upper bounds of them that `accepted` corrects."""

    def accepted(self, at: Ints, members: Ints, uniforms: Callable[[], Floats]) -> Bools | None:
        """Which proposals are accepted, using `uniforms`, which are drawn on demand; None for all."""

    def spans(self, at: Ints) -> tuple[Ints, Ints]:
        """The first candidate of each row, and the number of candidates."""

    def members(self, at: Ints, candidates: Ints) -> Ints:
        """The members of candidates."""

    def weights(self, at: Ints, members: Ints) -> Floats:
        """The weight of each member for its row; 0 if it cannot be chosen."""


@dataclass(frozen=True, slots=True, eq=False)
class WholeSpan:
    """A distribution whose candidates are the members of the span themselves, all of whose proposals are accepted."""

    span: Span

    @property
    def fixed(self) -> bool:
        return self.span.fixed

    @property
    def nested(self) -> bool:
        return True

    def accepted(self, at: Ints, members: Ints, uniforms: Callable[[], Floats]) -> Bools | None:
        return None

    def spans(self, at: Ints) -> tuple[Ints, Ints]:
        return self.span.first[at], self.span.count[at]

    def members(self, at: Ints, candidates: Ints) -> Ints:
        return candidates


@dataclass(frozen=True, slots=True, eq=False)
class UniformDistribution(WholeSpan):
    """All members of the span with equal weight."""

    def propose(self, at: Ints, words: Words) -> Ints:
        chosen: Ints = self.span.first[at] + uniform_below(words, self.span.count[at])
        return chosen

    def weights(self, at: Ints, members: Ints) -> Floats:
        return np.ones(len(members))


@dataclass(frozen=True, slots=True, eq=False)
class Ranks:
    """The permanent rank of every row of a table: `size` rows, `order` from ranks to rows (None: in key order)."""

    chooser: Chooser
    size: int
    order: Permutation | None
    drawn: Draw
    """Draws ranks from 0 among all."""

    @classmethod
    def of(cls, chooser: Chooser, stream: Stream, size: int) -> Ranks:
        plain, some = chooser.by_key or chooser.uniform, max(size, 1)
        return cls(chooser, size, None if plain else Permutation.of(stream, some), chooser.ranks(some))

    def weights(self, rows: Ints) -> Floats:
        """The weights of these rows, shape (m,)."""
        if self.chooser.uniform:
            return np.ones(len(rows))
        ranks = rows if self.order is None else self.order.inverse(rows)
        return self.chooser.weights(ranks.astype(np.float64) + 1.0)


@dataclass(slots=True, eq=False)
class Sums:
    """Cumulative weights of `size` rows in key order, computed on demand: one for every `step` rows.

    They are added one by one from the first row on, so that they are the same everywhere.
    """

    size: int
    weights: Callable[[Ints], Floats]
    step: int = 1
    _table: Floats | None = field(default=None, init=False)

    @classmethod
    def of(cls, size: int, weights: Callable[[Ints], Floats]) -> Sums:
        return cls(size, weights, 1 << max((size - 1).bit_length() - MOST_SUMS.bit_length() + 1, 0))

    @property
    def table(self) -> Floats:
        """Shape (size // step + 1,), from 0."""
        if self._table is None:
            parts, total = [np.zeros(1)], 0.0
            for start in range(0, self.size, _AT_ONCE):
                rows = np.arange(start, min(start + _AT_ONCE, self.size), dtype=np.int64)
                sums = np.cumsum(np.concatenate(([total], self.weights(rows))))
                total = float(sums[-1])
                parts.append(sums[self.step :: self.step])
            self._table = np.concatenate(parts)
        return self._table

    def draw(self, words: Words, limit: Ints) -> Ints:
        """A row below each limit (at least 1), in proportion to the weights, shape (n,); -1 if all
        weights there are 0.
        """
        table, whole = self.table, limit // self.step
        top = table[whole]
        for rest in range(1, self.step):
            more = np.flatnonzero(limit - whole * self.step >= rest)
            top[more] += self.weights(whole[more] * self.step + rest - 1)
        aim = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53 * top
        chosen = np.minimum(np.searchsorted(table, aim, side="right") - 1, whole) * self.step
        chosen = self._walked(chosen, aim - table[chosen // self.step], limit)
        return np.where(top > 0, chosen, -1)

    def _walked(self, chosen: Ints, left: Floats, limit: Ints) -> Ints:
        """Advances from the row with a known sum to the row where the target is reached."""
        chosen = np.minimum(chosen, limit - 1)
        going = np.arange(len(chosen))
        for _ in range(self.step - 1):
            left[going] -= self.weights(chosen[going])
            going = going[(left[going] >= 0) & (chosen[going] + 1 < limit[going])]
            chosen[going] += 1
        return chosen


@dataclass(frozen=True, slots=True, eq=False)
class PopularityDistribution(WholeSpan):
    """Rows of a whole table in proportion to permanent weights. The span of each row begins with the first row of the
    table.
    """

    ranks: Ranks
    sums: Sums | None
    """None if every row may choose among all. Then no table is needed."""

    def propose(self, at: Ints, words: Words) -> Ints:
        if self.sums is not None:
            return self.sums.draw(words, self.span.count[at])
        ranks = self.ranks.drawn(words)
        return ranks if self.ranks.order is None else self.ranks.order(ranks)

    def weights(self, at: Ints, members: Ints) -> Floats:
        return self.ranks.weights(members) if self.sums is None else self.sums.weights(members)


@dataclass(frozen=True, slots=True, eq=False)
class GroupedDistribution:
    """Members in groups: each row chooses in its own group, by ranks within it. Some members may be unavailable.

    `start` and `size` are the group of each row, int64 (n,). `ranked[start + k]` is the member of rank k, `rank` its
    inverse. `sums` are cumulative weights of ranks, from 0. `able` says which members a row may choose (None: all of
    its span).
    """

    span: Span
    start: Ints
    size: Ints
    ranked: Ints
    rank: Ints
    sums: Floats
    able: Able | None = None

    @property
    def fixed(self) -> bool:
        return self.span.fixed and self.able is None

    @property
    def nested(self) -> bool:
        return self.able is None

    def propose(self, at: Ints, words: Words) -> Ints:
        start, size = self.start[at], self.size[at]
        aim = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53 * self.sums[size]
        ranks = np.minimum(np.searchsorted(self.sums, aim, side="right") - 1, size - 1)
        chosen: Ints = self.ranked[start + ranks]
        return chosen

    def accepted(self, at: Ints, members: Ints, uniforms: Callable[[], Floats]) -> Bools | None:
        return self._there(at, members)

    def _there(self, at: Ints, members: Ints) -> Bools:
        first = self.span.first[at]
        there: Bools = (members >= first) & (members < first + self.span.count[at])
        return there if self.able is None else there & self.able(at, members)

    def spans(self, at: Ints) -> tuple[Ints, Ints]:
        return self.span.first[at], self.span.count[at]

    def members(self, at: Ints, candidates: Ints) -> Ints:
        return candidates

    def weights(self, at: Ints, members: Ints) -> Floats:
        ranks = self.rank[members]
        weights: Floats = self.sums[ranks + 1] - self.sums[ranks]
        return np.where(self._there(at, members), weights, 0.0)
