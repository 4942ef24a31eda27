"""Events that a process depends on: drawn before it as candidates, and kept in the states in which they occur."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Ints, Words
from datagen.columnar.uncounted import UncountedRows
from datagen.kinds.processes.support.covariates import RowTimes
from datagen.kinds.row_sources.base import Expansion
from datagen.random.streams import Stream

if TYPE_CHECKING:
    from datagen.kinds.row_sources.base import Children
    from datagen.scope import ForeseenRows, Simulation

CANDIDATE = 80
"""The bytes of a candidate that a process keeps, with a column of it."""


@dataclass(frozen=True, slots=True, eq=False)
class EventCandidates:
    """Events at the full rate, whatever the state of their parent. In the states of `factors` each occurs with this
    chance, in others never; None where states do not matter.
    """

    table: str
    source: Children
    factors: Mapping[int, float] | None
    stream: Stream
    fill: Callable[[Block, str], Column]

    @property
    def limited(self) -> bool:
        return self.factors is not None

    def expansion(self, parents: Block) -> Expansion:
        """All of them, made once per block."""
        found: Expansion = parents.once(("candidates", self.table), lambda: self.source.expand(parents))
        return found

    def rows(self, parents: Block) -> tuple[Words, Mapping[str, Column]]:
        found = self.expansion(parents)
        return found.ids, found.attributes

    def cells(self, parents: Block, column: str) -> Column:
        found = self.expansion(parents)
        owner = np.repeat(np.arange(len(parents)), found.counts)
        block = UncountedRows(self.table, 0, found.ids, parents, owner, None, found.attributes, "event_time")
        return self.fill(block, column)

    def moments(self, parents: Block) -> tuple[Ints, Ints]:
        found = self.expansion(parents)
        return found.counts, found.attributes["event_time"].data

    def occur(self, parents: Block, state: int) -> Bools:
        ids, factor = self.expansion(parents).ids, 1.0 if self.factors is None else self.factors.get(state, 0.0)
        if factor in (0.0, 1.0):
            return np.full(len(ids), factor == 1.0)
        kept: Bools = self.stream.uniforms(ids) < factor
        return kept


@dataclass(frozen=True, slots=True, eq=False)
class OccurringEvents:
    """The candidates that occur in the state in which the process has their parent."""

    candidates: ForeseenRows
    simulate: Simulation
    fixed: int | None = None

    def counts(self, parents: Block) -> Ints:
        return self.expand(parents).counts

    def expand(self, parents: Block) -> Expansion:
        (counts, times), (ids, attributes) = self.candidates.moments(parents), self.candidates.rows(parents)
        owner, stays = np.repeat(np.arange(len(parents)), counts), self.simulate(parents)
        stay = RowTimes(stays.counts, stays.entered).before(owner, times + 1) - 1
        within = stay >= (np.cumsum(stays.counts) - stays.counts)[owner]
        state = np.where(within, stays.state.take(np.maximum(stay, 0), mode="clip"), -1) if len(stays.state) else stay
        there = np.zeros(len(owner), np.bool_)
        for code in np.unique(state):
            there |= (state == code) & self.candidates.occur(parents, int(code))
        at = np.flatnonzero(there)
        counts = np.bincount(owner[at], minlength=len(parents)).astype(np.int64)
        return Expansion(counts, ids[at], {name: cells.take(at) for name, cells in attributes.items()})
