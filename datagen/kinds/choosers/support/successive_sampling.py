"""All rows choose together in rounds, with replacement or without it among the rows of one parent.

Without replacement the distribution is successive sampling: the rows of a parent choose one after the other, each in
proportion to the weights of the members of its domain that no earlier row has. A row has draws of its own and takes the
first free one. All rows draw together. If two rows want one member, the earlier row keeps it and the later one draws
again. The result equals that of drawing one after the other (deferred acceptance: Gale and Shapley 1962).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints, Words
from datagen.kinds.choosers.support.distributions import ChoiceDistribution, UniformDistribution
from datagen.kinds.choosers.support.exponential_race import Shortlist, TakenPairs, first_of, order_of
from datagen.random.streams import Stream, child_identities, in_chunks

ROUNDS = 128
"""The most draws of one row. After that every candidate is enumerated."""
_ROWS, _DRAWS = 32_768, 8192
"""The most rows that choose together, and about the most draws that some of them make at once."""


@dataclass(frozen=True, slots=True, eq=False)
class AttemptDraws:
    """The draws of n rows, addressed by their identities and the number of the attempt."""

    ids: Words
    pick: Stream
    retry: Stream
    keep: Stream
    race: Stream

    def words(self, at: Ints, attempts: Ints) -> Words:
        ids, again = self.ids[at], np.flatnonzero(attempts)
        if len(again) == len(ids):
            return self.retry.words(child_identities(ids, attempts))
        words = self.pick.words(ids)
        if len(again):
            words[again] = self.retry.words(child_identities(ids[again], attempts[again]))
        return words

    def uniforms(self, at: Ints, attempts: Ints) -> Floats:
        return self.keep.uniforms(child_identities(self.ids[at], attempts))


def _drawn(
    distribution: ChoiceDistribution, draws: AttemptDraws, at: Ints, attempts: Ints
) -> tuple[Ints, Bools | None]:
    """A member for each row, and whether it is accepted (None: all are)."""
    members = distribution.propose(at, draws.words(at, attempts))
    kept = distribution.accepted(at, members, lambda: draws.uniforms(at, attempts))
    return members, None if kept is None else kept | (members < 0)


def with_replacement(
    distribution: ChoiceDistribution, draws: AttemptDraws, at: Ints, shortlist: Shortlist | None = None
) -> Ints:
    """The member that each of the n rows chooses, int64 (n,), -1 for none. Rows not in `at` choose none."""
    found = np.full(len(draws.ids), -1, np.int64)
    left = np.concatenate(
        [at[:0], *(_decided(distribution, draws, at[some], found) for some in in_chunks(len(at), _ROWS))]
    )
    if len(left):
        found[left] = first_of(shortlist or distribution, left, draws.ids[left], draws.race)
    return found


def _decided(distribution: ChoiceDistribution, draws: AttemptDraws, at: Ints, found: Ints) -> Ints:
    """Writes what these rows choose into `found`; returns the rows whose draws are used up.

    The fewer rows are left, the more of their next draws are made together.
    """
    attempt = 0
    while len(at) and attempt < ROUNDS:
        many = min(max(_DRAWS // len(at), 1), max(attempt, 1), ROUNDS - attempt)
        rows = at if many == 1 else np.repeat(at, many)
        members, kept = _drawn(distribution, draws, rows, np.tile(np.arange(attempt, attempt + many), len(at)))
        if kept is None:
            found[at] = members
            return at[:0]
        if many > 1:
            first = kept.reshape(-1, many).argmax(axis=1) + np.arange(len(at)) * many
            members, kept = members[first], kept[first]
        found[at[kept]] = members[kept]
        at, attempt = at[~kept], attempt + many
    return at


def without_replacement(
    distribution: ChoiceDistribution, draws: AttemptDraws, at: Ints, parents: tuple[Ints, Words]
) -> Ints:
    """As `with_replacement`, with no member twice under one parent.

    `parents` are the parent of each row of `at`, numbered from 0 without gaps in row order, and the parents'
    identities.
    """
    found = np.full(len(draws.ids), -1, np.int64)
    if len(at):
        found[at] = _Successive(distribution, draws, at, *parents).run()
    return found


@dataclass(slots=True, eq=False)
class _Successive:
    """Rows are numbered by their position in `at`; `parent` is int64 (m,), non-decreasing."""

    distribution: ChoiceDistribution
    draws: AttemptDraws
    at: Ints
    parent: Ints
    parent_ids: Words
    found: Ints = field(init=False)
    attempts: Ints = field(init=False)
    spent: Bools = field(init=False)
    """Undecided rows whose draws are used up."""

    def __post_init__(self) -> None:
        size = len(self.at)
        self.found, self.attempts = np.full(size, -1, np.int64), np.zeros(size, np.int64)
        self.spent = np.zeros(size, np.bool_)

    def run(self) -> Ints:
        pending = self._begin()
        while True:
            while len(pending):
                pending = self._round(pending)
            if not self.spent.any():
                return self.found
            pending = self._decide_all() if self.distribution.fixed else self._decide_one()

    def _begin(self) -> Ints:
        """The rows that draw. Where one parent's rows may take most of a domain, the later ones enumerate the remaining
        members at once.
        """
        ordinal = np.arange(len(self.at)) - np.searchsorted(self.parent, self.parent)
        drawing = np.ones(len(self.at), np.bool_)
        if self.distribution.fixed:
            count = self.distribution.spans(self.at)[1]
            drawing = ordinal < count
            if isinstance(self.distribution, UniformDistribution):
                late = drawing & (ordinal >= (count + 1) // 2)
                self.spent |= late
                drawing &= ~late
        return np.flatnonzero(drawing)

    def _round(self, pending: Ints) -> Ints:
        """Each pending row draws once. Returns those that must draw again."""
        members, kept = _drawn(self.distribution, self.draws, self.at[pending], self.attempts[pending])
        placed = pending if kept is None else pending[kept]
        self.found[placed] = members if kept is None else members[kept]
        refused = np.zeros(0, np.int64) if kept is None else pending[~kept]
        return self._again(np.concatenate((refused, self._losers(placed))))

    def _again(self, rows: Ints) -> Ints:
        """Those of the rows that have draws left."""
        self.found[rows] = -1
        self.attempts[rows] += 1
        over = self.attempts[rows] >= ROUNDS
        self.spent[rows[over]] = True
        return rows[~over]

    def _losers(self, placed: Ints) -> Ints:
        """The rows that want a member of an earlier row of their parent, below the parents of rows just placed."""
        touched = np.zeros(int(self.parent[-1]) + 1, np.bool_)
        touched[self.parent[placed]] = True
        rows = np.flatnonzero(touched[self.parent] & (self.found >= 0))
        order = rows[np.lexsort((self.found[rows], self.parent[rows]))]
        same = (np.diff(self.found[order]) == 0) & (np.diff(self.parent[order]) == 0)
        losers: Ints = order[1:][same]
        return losers

    def _firsts(self) -> Ints:
        """The first undecided row of each parent that has one."""
        rows = np.flatnonzero(self.spent)
        firsts: Ints = rows[np.diff(self.parent[rows], prepend=-1) != 0]
        return firsts

    def _numbers(self, firsts: Ints) -> Ints:
        """For every row, the number in `firsts` of the row of its parent; -1 where its parent has none."""
        number = np.full(int(self.parent[-1]) + 1, -1, np.int64)
        number[self.parent[firsts]] = np.arange(len(firsts))
        return number[self.parent]

    def _before(self, firsts: Ints) -> TakenPairs:
        """The members of the rows before the first undecided row of each parent; rows are numbered as in `firsts`."""
        mine = self._numbers(firsts)
        rows = np.flatnonzero((mine >= 0) & (self.found >= 0))
        rows = rows[rows < firsts[mine[rows]]]
        return TakenPairs(mine[rows], self.found[rows])

    def _decide_all(self) -> Ints:
        """From the first undecided row of a parent on, all its rows take the remaining members in the order of one
        race.
        """
        firsts = self._firsts()
        ids = self.parent_ids[self.parent[firsts]]
        owner, members = order_of(self.distribution, self.at[firsts], ids, self.draws.race, self._before(firsts))
        rows = firsts[owner] + np.arange(len(owner)) - np.searchsorted(owner, owner)
        ends = np.searchsorted(self.parent, self.parent[firsts], side="right")
        fits = rows < ends[owner]
        left = self._numbers(firsts)
        later = np.flatnonzero((left >= 0) & (np.arange(len(left)) >= firsts[left]))
        self.found[later], self.spent[later] = -1, False
        self.found[rows[fits]] = members[fits]
        return np.zeros(0, np.int64)

    def _decide_one(self) -> Ints:
        """The first undecided row of each parent enumerates every candidate. A row that loses its
        member draws again.
        """
        if self.distribution.nested:
            self._saturated()
        firsts = self._firsts()
        if not len(firsts):
            return firsts
        at = self.at[firsts]
        self.found[firsts] = first_of(self.distribution, at, self.draws.ids[at], self.draws.race, self._before(firsts))
        self.spent[firsts] = False
        return self._again(self._losers(firsts))

    def _saturated(self) -> None:
        """Undecided rows whose earlier rows have all members choose none, as long as domains only grow."""
        first, count = self.distribution.spans(self.at)
        starts = np.searchsorted(self.parent, self.parent)
        shrinks = np.append(False, (np.diff(count) < 0) | (np.diff(first) != 0)) & (np.arange(len(starts)) != starts)
        broken = np.cumsum(shrinks)
        grows = broken == broken[starts]
        has = np.cumsum(self.found >= 0)
        before: Ints = has - (self.found >= 0) - (has[starts] - (self.found[starts] >= 0))
        full = self.spent & grows & (before == count)
        open_ = np.cumsum(self.spent & ~full)
        none_open = open_ == open_[starts] - (self.spent[starts] & ~full[starts])
        self.spent[full & none_open] = False
