"""Exact choices by enumerating every candidate: each has an exponential waiting time with its weight as rate, and the
first one wins.

The order of arrival is successive sampling without replacement: Efraimidis and Spirakis (2006).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints, Words
from datagen.columnar.ragged import ordinals
from datagen.kinds.choosers.support.distributions import ChoiceDistribution
from datagen.random.math.elementary import log
from datagen.random.streams import Stream, child_identities

_AT_ONCE = 1 << 20
_MOST_ROWS = 1 << 18


@dataclass(frozen=True, slots=True, eq=False)
class TakenPairs:
    """Members that rows may not choose any more: pairs of a row (a position among the racing rows) and a member."""

    row: Ints
    member: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Shortlist:
    """A distribution with fewer candidates, among them all that have a weight. Each of n rows has `count` of them,
    `order[first]`, `order[first + 1]` ..., and `origin` as the first member of its domain, int64 (n,).
    """

    distribution: ChoiceDistribution
    origin: Ints
    order: Ints
    first: Ints
    count: Ints

    @property
    def fixed(self) -> bool:
        return False

    @property
    def nested(self) -> bool:
        return False

    def propose(self, at: Ints, words: Words) -> Ints:
        return self.distribution.propose(at, words)

    def accepted(self, at: Ints, members: Ints, uniforms: Callable[[], Floats]) -> Bools | None:
        return self.distribution.accepted(at, members, uniforms)

    def spans(self, at: Ints) -> tuple[Ints, Ints]:
        return self.first[at], self.count[at]

    def members(self, at: Ints, candidates: Ints) -> Ints:
        return self.order[candidates]

    def weights(self, at: Ints, members: Ints) -> Floats:
        return self.distribution.weights(at, members)


def first_of(
    distribution: ChoiceDistribution, at: Ints, ids: Words, stream: Stream, taken: TakenPairs | None = None
) -> Ints:
    """The member that each row of `at` chooses, int64 (m,); -1 if no candidate has a weight. `ids`
    address the draws.
    """
    out = np.full(len(at), -1, np.int64)
    for part in _parts(distribution, at):
        owner, members, times = _times(distribution, at, part, (ids, stream), taken)
        best = np.full(len(part), np.inf)
        np.minimum.at(best, owner, times)
        won = np.flatnonzero((times == best[owner]) & (times < np.inf))[::-1]
        out[part[owner[won]]] = members[won]
    return out


def order_of(
    distribution: ChoiceDistribution, at: Ints, ids: Words, stream: Stream, taken: TakenPairs
) -> tuple[Ints, Ints]:
    """All candidates of each row of `at` in order of arrival: rows (positions in `at`) and members, (k,) each."""
    rows, found = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for part in _parts(distribution, at):
        owner, members, times = _times(distribution, at, part, (ids, stream), taken)
        order = np.lexsort((times, owner))
        order = order[times[order] < np.inf]
        rows.append(part[owner[order]])
        found.append(members[order])
    return np.concatenate(rows), np.concatenate(found)


def _parts(distribution: ChoiceDistribution, at: Ints) -> Iterator[Ints]:
    """Positions in `at` in parts whose candidates fit into memory together. Rows without candidates are in no part."""
    count = distribution.spans(at)[1]
    some = np.flatnonzero(count > 0)
    if not len(some):
        return
    # the first row that does not fit starts a new part
    part = np.cumsum(count[some]) // _AT_ONCE + np.arange(len(some)) // _MOST_ROWS
    yield from np.split(some, np.flatnonzero(np.diff(part)) + 1)


def _times(
    distribution: ChoiceDistribution, at: Ints, part: Ints, draw: tuple[Words, Stream], taken: TakenPairs | None
) -> tuple[Ints, Ints, Floats]:
    """Each candidate of some rows: its row (position in `part`), the member, and its arrival time (inf: never)."""
    first, count = distribution.spans(at[part])
    owner = np.repeat(np.arange(len(part)), count)
    offset = ordinals(count)
    rows = at[part][owner]
    members = distribution.members(rows, first[owner] + offset)
    weights = distribution.weights(rows, members)
    ids, stream = draw
    # the position in the domain does not depend on the block
    place = members - distribution.origin[rows] if isinstance(distribution, Shortlist) else offset
    words = stream.words(child_identities(ids[part][owner], place))
    uniforms = ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
    times = np.full(len(owner), np.inf)
    able = weights > 0
    if taken is not None:
        able &= ~_among(owner, members, part, taken)
    times[able] = -log(uniforms[able]) / weights[able]
    return owner, members, times


def _among(owner: Ints, members: Ints, part: Ints, taken: TakenPairs) -> Bools:
    """Which pairs of row and member are taken."""
    place = np.full(int(max(part.max(initial=-1), taken.row.max(initial=-1))) + 1, -1, np.int64)
    place[part] = np.arange(len(part))
    mine = place[taken.row] >= 0
    pairs = taken.member[mine] * _MOST_ROWS + place[taken.row[mine]]
    return np.isin(members * _MOST_ROWS + owner, pairs)
