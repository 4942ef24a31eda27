"""The trajectory: the stays in states of every entity of a block."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from datagen.columnar.block import Bools, Ints

OPEN = 2**61
"""The end of an open stay, microseconds: later than any window."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Stays of n entities, those of one entity side by side in the order of time.

    `counts` is the number of stays of each entity, shape (n,). The others have one item per stay: the code of the
    `state`, when it was `entered` and `left` (int64 microseconds; `OPEN` where that lies at or beyond the window's end,
    or where the state has no exit), and the code of the state that came `next` (-1 where it is open, or the entity
    ended). `values` are the codes of attributes during the stay. A transition in `restarts`, as (from, to), begins
    another run.
    """

    counts: Ints
    state: Ints
    entered: Ints
    left: Ints
    next: Ints
    values: Mapping[str, Ints] = field(default_factory=dict, kw_only=True)
    restarts: frozenset[tuple[int, int]] = field(default=frozenset(), kw_only=True)

    @cached_property
    def owner(self) -> Ints:
        """The position of each stay's entity, shape (stays,)."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def closed(self) -> Bools:
        """The stays that ended within the window, shape (stays,)."""
        ended: Bools = self.next >= 0
        return ended

    @cached_property
    def last(self) -> Ints:
        """The position of the last stay of each entity that has one, shape (entities with stays,)."""
        ends = np.cumsum(self.counts) - 1
        found: Ints = ends[self.counts > 0]
        return found

    @cached_property
    def begins_run(self) -> Bools:
        """The stays that a run begins with, shape (stays,)."""
        first = np.ones(len(self.state), np.bool_)
        first[1:] = self.owner[1:] != self.owner[:-1]
        for origin, to in self.restarts:
            first[1:] |= (self.state[:-1] == origin) & (self.state[1:] == to)
        return first

    @cached_property
    def run(self) -> Ints:
        """The number of each stay's run among those of its entity, from 1, shape (stays,)."""
        runs = np.cumsum(self.begins_run)
        starts = np.cumsum(self.counts) - self.counts
        before = np.zeros(len(self.counts), np.int64)
        some = self.counts > 0
        before[some] = runs[starts[some]] - 1
        return runs - before[self.owner]

    def censored(self, end: int) -> Trajectory:
        """The same stays as seen at an earlier instant (microseconds): later ones are unknown."""
        kept = self.entered < end
        ended = self.left[kept] < end
        return Trajectory(
            np.bincount(self.owner[kept], minlength=len(self.counts)).astype(np.int64),
            self.state[kept],
            self.entered[kept],
            np.where(ended, self.left[kept], OPEN),
            np.where(ended, self.next[kept], -1),
            values={name: codes[kept] for name, codes in self.values.items()},
            restarts=self.restarts,
        )

    def ended(self, ends: Ints) -> Trajectory:
        """The same stays of entities that end at `ends` (microseconds), shape (n,): no stay begins then, and the one
        that goes on is left for no other state.
        """
        ends = ends[self.owner]
        kept = self.entered < ends
        cut = self.left[kept] >= ends[kept]
        return Trajectory(
            np.bincount(self.owner[kept], minlength=len(self.counts)).astype(np.int64),
            self.state[kept],
            self.entered[kept],
            np.where(cut, ends[kept], self.left[kept]),
            np.where(cut, -1, self.next[kept]),
            values={name: codes[kept] for name, codes in self.values.items()},
            restarts=self.restarts,
        )

    def within(self, states: Ints) -> Bools:
        """The stays in any of these states, shape (stays,)."""
        return np.isin(self.state, states)

    def spells(self, states: Ints) -> tuple[Ints, Ints]:
        """Uninterrupted stays in any of these states: the positions of their first and last stays."""
        inside = self.within(states)
        follows = np.zeros(len(inside), np.bool_)
        follows[1:] = (self.owner[1:] == self.owner[:-1]) & inside[:-1]
        before = np.zeros(len(inside), np.bool_)
        before[:-1] = follows[1:] & inside[1:]
        return np.flatnonzero(inside & ~follows), np.flatnonzero(inside & ~before)
