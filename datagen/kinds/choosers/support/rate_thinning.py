"""Choices in proportion to rates that change with time: lifetime, age, season.

Candidates come from upper bounds of the rates within intervals of time (epochs), and are accepted with the ratio of
rate and bound (thinning: Lewis and Shedler 1979). Epochs are as short as the memory for their candidates allows, so
that most are accepted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints, Words
from datagen.columnar.ragged import positions
from datagen.kinds.choosers.support.distributions import ChoiceDistribution, Span
from datagen.point_process.effects import NEVER_BORN, Entity
from datagen.point_process.peaks import EntityRate

MOST_EPOCHS = 512
FREE = 1 << 22


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Entities with a positive rate in each epoch, in key order, with an upper bound of it.

    Epoch k lies between `cuts[k - 1]` and `cuts[k]`. Its entities are `entity[begin[k]:begin[k + 1]]`; `sums` are
    cumulative bounds within it.
    """

    cuts: Ints
    begin: Ints
    entity: Ints
    bound: Floats
    sums: Floats


@dataclass(eq=False)
class Pool:
    """All `size` rows of a table as entities with a weight and a rate, and their candidates by epoch."""

    size: int
    weights: Callable[[Ints], Floats]
    rate: EntityRate
    entities: Callable[[Ints], Entity]
    window: tuple[int, int]
    arrived: Callable[[Ints], Ints] | None = None
    """The number of rows before each time, for rows in key order."""

    @cached_property
    def everyone(self) -> Entity:
        return self.entities(np.arange(self.size, dtype=np.int64))

    @cached_property
    def base(self) -> Floats:
        """The product of the weight and the permanent multipliers of an entity, shape (size,)."""
        return self.weights(np.arange(self.size, dtype=np.int64)) * self.rate.kept(self.everyone)

    @cached_property
    def candidates(self) -> Candidates:
        start, end = self.rate.lives(self.everyone)
        cuts, first, last = self._epochs(start, end)
        each = np.maximum(last - first + 1, 0)
        entity = np.repeat(np.arange(self.size), each)
        epoch = positions(first, each)
        bound = self.base[entity]
        low, high = np.append(-NEVER_BORN, cuts)[epoch], np.append(cuts, NEVER_BORN)[epoch]
        for born, peaks in self.rate.ages(self.everyone):
            bound = bound * peaks.between(low - born[entity], high - born[entity])
        keep = np.flatnonzero(bound > 0)
        if self.arrived is not None:
            keep = keep[entity[keep] < np.append(self.arrived(cuts), self.size)[epoch[keep]]]
        keep = keep[np.argsort(epoch[keep], kind="stable")]
        begin = np.searchsorted(epoch[keep], np.arange(len(cuts) + 2))
        bound, sums = bound[keep], np.empty(len(keep))
        for k in range(len(cuts) + 1):
            sums[begin[k] : begin[k + 1]] = np.cumsum(bound[begin[k] : begin[k + 1]])
        return Candidates(cuts, begin, entity[keep], bound, sums)

    def _epochs(self, start: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
        """The cuts between epochs, and the first and the last epoch of each entity (last < first: none)."""
        number = MOST_EPOCHS
        while True:
            low, high = self.window
            cuts = low + (high - low) * np.arange(1, number, dtype=np.int64) // number
            first = np.searchsorted(cuts, start, side="right")
            last = np.where(end > start, np.searchsorted(cuts, end - 1, side="right"), first - 1)
            if number == 1 or int((last - first + 1).sum()) <= 4 * self.size + FREE:
                return cuts, first, last
            number //= 2


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """Rows of a whole table in proportion to their weight and their rate at the time of the choice."""

    span: Span
    pool: Pool
    _epoch: Ints = field(init=False)

    def __post_init__(self) -> None:
        assert self.span.times is not None
        epochs = np.searchsorted(self.pool.candidates.cuts, self.span.times, side="right")
        object.__setattr__(self, "_epoch", epochs)

    @property
    def fixed(self) -> bool:
        return False

    @property
    def nested(self) -> bool:
        return False

    def _times(self, at: Ints) -> Ints:
        assert self.span.times is not None
        return self.span.times[at]

    def spans(self, at: Ints) -> tuple[Ints, Ints]:
        known, epoch, limit = self.pool.candidates, self._epoch[at], self.span.count[at]
        begin, end = known.begin[epoch], known.begin[epoch + 1].copy()
        order = np.argsort(epoch, kind="stable")
        cuts = np.flatnonzero(np.diff(epoch[order])) + 1
        for part in np.split(order, cuts) if len(order) else ():
            first, last = int(begin[part[0]]), int(end[part[0]])
            end[part] = first + np.searchsorted(known.entity[first:last], limit[part], side="left")
        return begin, end - begin

    def propose(self, at: Ints, words: Words) -> Ints:
        known, (begin, count) = self.pool.candidates, self.spans(at)
        out, some = np.full(len(at), -1, np.int64), np.flatnonzero(count > 0)
        epoch = self._epoch[at][some]
        some = some[np.argsort(epoch, kind="stable")]
        aim = (words[some] >> np.uint64(11)).astype(np.float64) * 2.0**-53 * known.sums[(begin + count - 1)[some]]
        cuts = np.flatnonzero(np.diff(begin[some])) + 1
        for part in np.split(np.arange(len(some)), cuts) if len(some) else ():
            rows = some[part]
            first, last = int(begin[rows[0]]), int(known.begin[self._epoch[at[rows[0]]] + 1])
            chosen = first + np.searchsorted(known.sums[first:last], aim[part], side="right")
            out[rows] = np.minimum(chosen, begin[rows] + count[rows] - 1)
        return np.where(out < 0, -1, known.entity[out]) if len(known.entity) else out

    def accepted(self, at: Ints, members: Ints, uniforms: Callable[[], Floats]) -> Bools | None:
        kept, some = np.zeros(len(at), np.bool_), np.flatnonzero(members >= 0)
        at, members = at[some], members[some]
        bound = self._bound(at, members) * self.pool.rate.calendar_peak(self.pool.entities(members), self._times(at))
        kept[some] = uniforms()[some] * bound < self.weights(at, members)
        return kept

    def _bound(self, at: Ints, members: Ints) -> Floats:
        """The bounds by which members were proposed."""
        known, epoch = self.pool.candidates, self._epoch[at]
        low, high = np.append(-NEVER_BORN, known.cuts)[epoch], np.append(known.cuts, NEVER_BORN)[epoch]
        bound = self.pool.base[members]
        for born, peaks in self.pool.rate.ages(self.pool.entities(members)):
            bound = bound * peaks.between(low - born, high - born)
        return bound

    def members(self, at: Ints, candidates: Ints) -> Ints:
        return self.pool.candidates.entity[candidates]

    def weights(self, at: Ints, members: Ints) -> Floats:
        return self.pool.weights(members) * self.pool.rate.at(self.pool.entities(members), self._times(at))


@dataclass(frozen=True, slots=True, eq=False)
class ThinnedDistribution:
    """A distribution whose members are also accepted in proportion to a rate: `rate(at, members)`, at most
    `bound[row]`.
    """

    distribution: ChoiceDistribution
    rate: Callable[[Ints, Ints], Floats]
    bound: Floats
    fixed: bool

    @property
    def nested(self) -> bool:
        return False

    def propose(self, at: Ints, words: Words) -> Ints:
        return self.distribution.propose(at, words)

    def accepted(self, at: Ints, members: Ints, uniforms: Callable[[], Floats]) -> Bools | None:
        before = self.distribution.accepted(at, members, uniforms)
        kept = uniforms() * self.bound[at] < self.rate(at, members)
        return kept if before is None else kept & before

    def spans(self, at: Ints) -> tuple[Ints, Ints]:
        return self.distribution.spans(at)

    def members(self, at: Ints, candidates: Ints) -> Ints:
        return self.distribution.members(at, candidates)

    def weights(self, at: Ints, members: Ints) -> Floats:
        return self.distribution.weights(at, members) * self.rate(at, members)
