"""Thinning and superposition: treatments change which of the same candidate events happen, never when they happen or which they are.

Thinning (Lewis and Shedler, 1979, "Simulation of nonhomogeneous Poisson processes by thinning"): a Poisson process of which each event
is kept with probability m(t) is a Poisson process of m(t) times the rate. A multiplier beyond 1 is a superposition: of the process, and of
independent copies of it, the k-th of which is thinned to m(t) - k, between 0 and 1. So the candidates of a parent are the same
whatever the multiplier is, and a larger multiplier only adds events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows, Words
from datagen.point_process.effects import Interval, treated
from datagen.point_process.process import Events
from datagen.point_process.rate import Rate
from datagen.random.streams import Stream

Candidates = Callable[[Rows, Words], Events]
"""The events of parents under the rate without treatments; the identities are those that their draws are addressed by."""


@dataclass(frozen=True, slots=True, eq=False)
class Multipliers:
    """The treatments of n rows: `factors` within `spans`, shape (n,) each, of which `lefts` are left with time."""

    factors: tuple[Floats, ...]
    spans: tuple[Interval, ...]
    lefts: tuple[Callable[[Floats], Floats] | None, ...]

    @classmethod
    def of(cls, rate: Rate, rows: Rows) -> Multipliers:
        entities = [(reach(rows), one) for reach, one in rate.treatments]
        return cls(
            tuple(one.factor(entity) for entity, one in entities),
            tuple(one.span(entity) for entity, one in entities),
            tuple(one.left for _, one in entities),
        )

    @property
    def most(self) -> Floats:
        """A bound of the multiplier of each row at any time, shape (n,)."""
        bound = np.ones(len(self.factors[0]))
        for factor, (begin, end) in zip(self.factors, self.spans, strict=True):
            bound = bound * np.where(end > begin, np.maximum(factor, 1.0), 1.0)
        return bound

    @property
    def touched(self) -> Ints:
        """The positions of the rows that some treatment acts on."""
        found = np.zeros(len(self.factors[0]), np.bool_)
        for factor, (begin, end) in zip(self.factors, self.spans, strict=True):
            found |= (factor != 1.0) & (end > begin)
        return np.flatnonzero(found)

    def at(self, owner: Ints, times: Ints) -> Floats:
        """The multiplier of the rows at these positions at their times (microseconds), shape (m,)."""
        product = np.ones(len(times))
        for factor, (begin, end), left in zip(self.factors, self.spans, self.lefts, strict=True):
            product *= treated(factor[owner], (begin[owner], end[owner]), left, times)
        return product


def copies(rows: Rows, most: Floats, stream: Stream) -> Iterator[tuple[int, Ints, Words]]:
    """Each process that a multiplier up to `most` needs: its number, the positions of its rows, and what its draws are addressed by."""
    yield 0, np.arange(len(rows)), rows.ids
    number = 1
    while len(at := np.flatnonzero(most > number)):
        yield number, at, stream.lane(number).words(rows.ids[at])
        number += 1


def treat(candidates: Candidates, rate: Rate, rows: Rows, stream: Stream) -> Events:
    """The events of parents under all treatments, in the order of parent and time."""
    multipliers = Multipliers.of(rate, rows)
    counts = np.zeros(len(rows), np.int64)
    owners, ids, times = [], [], []
    for number, at, addresses in copies(rows, multipliers.most, stream):
        found = candidates(rows if number == 0 else rows.take(at), addresses)
        owner = np.repeat(at, found.counts)
        kept = stream.uniforms(found.ids) < multipliers.at(owner, found.times) - number
        owners.append(owner[kept])
        ids.append(found.ids[kept])
        times.append(found.times[kept])
        counts += np.bincount(owners[-1], minlength=len(rows))
    owner, when, who = np.concatenate(owners), np.concatenate(times), np.concatenate(ids)
    order = np.lexsort((who, when, owner))
    return Events(counts, who[order], when[order])
