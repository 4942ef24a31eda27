"""Thinning and superposition: treatments change which of the same candidate events happen, never when they happen or
which they are.

Thinning (Lewis and Shedler, 1979, "Simulation of nonhomogeneous Poisson processes by thinning"): a Poisson process of
which each event is kept with probability m(t) is a Poisson process of m(t) times the rate. A multiplier beyond 1 is a
superposition: of the process, and of independent copies of it, the k-th of which is thinned to m(t) - k, between 0 and
1. So the candidates of a parent are the same whatever the multiplier is, and a larger multiplier only adds events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows, Words
from datagen.columnar.ragged import positions
from datagen.point_process.effects import Interval, treated
from datagen.point_process.process import Events
from datagen.point_process.rate import Rate
from datagen.random.streams import CounterStream, Stream, substream_words

Candidates = Callable[[Rows, Words], Events]
"""The events of parents under the rate without treatments; the identities are those that their draws are addressed by.
"""


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
        """A bound of the multiplier of each row at any time, shape (n,): it is largest where some span begins."""
        bound = np.ones(len(self.factors[0]))
        for at, _ in self.spans:
            then = np.ones(len(bound))
            for factor, (begin, end) in zip(self.factors, self.spans, strict=True):
                then = then * np.where((begin <= at) & (at < end), np.maximum(factor, 1.0), 1.0)
            bound = np.maximum(bound, then)
        return bound

    @property
    def decays(self) -> bool:
        """Whether some of it wears off with time."""
        return any(left is not None for left in self.lefts)

    def bound(self, owner: Ints, times: Ints) -> Floats:
        """A bound of the multiplier of the rows at these positions from their times (microseconds) on until a span
        begins or ends, shape (m,).
        """
        product = np.ones(len(times))
        for factor, (begin, end), left in zip(self.factors, self.spans, self.lefts, strict=True):
            most = factor[owner] if left is None else np.maximum(factor[owner], 1.0)
            product *= np.where((begin[owner] <= times) & (times < end[owner]), most, 1.0)
        return product

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


def copies(ids: Words, most: Floats, stream: Stream, together: int = 1) -> Iterator[tuple[Ints, Ints, Words]]:
    """The process and the copies of it that a multiplier up to `most` needs: the number of each row's copy, shape (m,),
    its position, and what its draws are addressed by.

    Copies are taken together while they have about `together` rows at most; `most` may be lowered between them.
    """
    yield np.zeros(len(ids), np.int64), np.arange(len(ids)), ids
    assert isinstance(stream, CounterStream)
    number = 1
    while len(at := np.flatnonzero(most > number)):
        stop = min(2 ** number.bit_length(), number + max(together // len(at), 1))
        counts = np.minimum(np.ceil(most[at]), stop).astype(np.int64) - number
        copy, row = positions(np.full(len(at), number), counts), np.repeat(at, counts)
        yield copy, row, substream_words(stream, copy, ids[row])
        number = stop


def treat(candidates: Candidates, rate: Rate, rows: Rows, ids: Words, stream: Stream) -> Events:
    """The events of parents under all treatments, in the order of parent and time; `ids` address the draws of the
    parents.
    """
    multipliers = Multipliers.of(rate, rows)
    found = []
    for copy, at, addresses in copies(ids, multipliers.most, stream):
        events = candidates(rows.take(at) if copy.any() else rows, addresses)
        owner = np.repeat(at, events.counts)
        kept = stream.uniforms(events.ids) < multipliers.at(owner, events.times) - np.repeat(copy, events.counts)
        found.append((owner[kept], events.ids[kept], events.times[kept]))
    return _superposed(found, len(rows))


def without(factual: Candidates, rest: Candidates, off: Rate, rows: Rows, stream: Stream) -> Events:
    """The events of parents without effects that are switched off, out of those with them.

    Of the events of the `factual` rate, m times that of the `rest`, each is kept with probability 1 / m. Where m is
    below 1, events of the `rest`, from draws of their own, are added with probability 1 - m. So the rows of parents
    with m = 1 are the same.
    """
    there = factual(rows, rows.ids)
    owner = np.repeat(np.arange(len(rows)), there.counts)
    kept = stream.uniforms(there.ids) * _at(off, rows, owner, there.times) < 1.0
    found = [(owner[kept], there.ids[kept], there.times[kept])]
    more = rest(rows, stream.substream(1).words(rows.ids))
    owner = np.repeat(np.arange(len(rows)), more.counts)
    added = stream.uniforms(more.ids) < 1.0 - _at(off, rows, owner, more.times)
    found.append((owner[added], more.ids[added], more.times[added]))
    return _superposed(found, len(rows))


def _at(rate: Rate, rows: Rows, owner: Ints, times: Ints) -> Floats:
    return rate.at(rows.take(owner), times)


def _superposed(found: list[tuple[Ints, Words, Ints]], parents: int) -> Events:
    """Events given by owner, identity and time, as one process."""
    owner, ids, times = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((ids, times, owner))
    return Events(np.bincount(owner, minlength=parents).astype(np.int64), ids[order], times[order])
