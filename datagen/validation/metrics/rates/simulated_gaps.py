"""The expected local variation of gaps if lifetimes have breaks, by simulation.

Gaps are measured on the clock of a parent that is always exposed. A gap across a break, as between two lives, is longer
than its distribution, and the expected local variation has no closed form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints, Words
from datagen.point_process.expected_counts import Exposure, Spans
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.streams import Stream, child_identities
from datagen.time_units import HOUR

_MOST_EVENTS = 2_000_000
_WIDTH = 16
_SETTLED = 8.0
"""Gaps drawn before the exposure, so that it does not begin with an event."""

Pieces = list[tuple[Floats, Floats]]
"""Intervals of operational time in which each parent is exposed, `[from, to)`, in time order, shape (n,) each."""


def simulated_gaps(
    exposure: Exposure, lives: tuple[Spans, Ints], gap: InverseCdfTable, distributions: Sequence[InverseCdfTable]
) -> Floats:
    """Simulated local variations of these parents: sums as of `variation`, shape (5,).

    `lives` are the parents by intervals with these bounds after their start, microseconds (stretches + 1,); `gap` is
    the distribution of gaps of mean 1, `distributions` are those of the parents' multipliers.
    """
    spans, stretches = lives
    upto = np.concatenate([np.zeros((len(exposure), 1)), np.cumsum(spans.potential, axis=1)], axis=1)
    ids = exposure.rows.ids
    pieces = _exposed(exposure, upto, stretches)
    rate = np.ones(len(ids))
    for number, distribution in enumerate(distributions):
        rate *= distribution.at(_words(f"spread {number}", ids))
    length = np.zeros(len(ids))
    for begin, finish in pieces:
        length += finish - begin
    few = np.flatnonzero(np.cumsum(length * rate + _SETTLED) <= _MOST_EVENTS)
    chosen = [(begin[few], finish[few]) for begin, finish in pieces]
    return _local_variation(_Renewals(ids[few], rate[few], length[few], chosen, gap))


def _exposed(exposure: Exposure, upto: Floats, stretches: Ints) -> Pieces:
    """The simulated lives of each parent on its clock."""
    pieces: Pieces = [(upto[:, 0], upto[:, -1])]
    for number, (reach, survival) in enumerate(exposure.planted.survival_factors):
        if survival.histories is None:
            continue
        entity = reach(exposure.rows)
        born = survival.born(entity)
        case = survival.case(entity, born) if survival.case else np.zeros(len(born), np.int64)
        lives = survival.histories(case, _words(f"life {number}", entity.ids))
        age = (exposure.start - born) * (1.0 / HOUR)
        own = [tuple(_on_clock(upto, stretches, edge - age) for edge in life) for life in lives]
        pieces = [(np.maximum(a, c), np.maximum(np.minimum(b, d), np.maximum(a, c))) for a, b in pieces for c, d in own]
    return pieces


def _on_clock(upto: Floats, stretches: Ints, hours: Floats) -> Floats:
    """Operational time at a number of hours after each parent's start, shape (n,)."""
    bounds = stretches * (1.0 / HOUR)
    within = np.clip(hours, 0.0, bounds[-1])
    at = np.clip(np.searchsorted(bounds, within, side="right") - 1, 0, len(bounds) - 2)
    own = np.arange(len(upto))
    part = (within - bounds[at]) / (bounds[at + 1] - bounds[at])
    found: Floats = upto[own, at] + (upto[own, at + 1] - upto[own, at]) * part
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Renewals:
    """n parents, the events per unit of operational time, the total length and the pieces of their exposure, shape
    (n,).
    """

    ids: Words
    rate: Floats
    length: Floats
    pieces: Pieces
    gap: InverseCdfTable

    def ends(self, own: Ints, first: int, place: Floats) -> Floats:
        """Where the next gaps of some parents end, operational time of the exposure alone, shape (parents, width)."""
        ordinals = np.tile(np.arange(first, first + _WIDTH), len(own))
        keys = child_identities(np.repeat(self.ids[own], _WIDTH), ordinals)
        gaps = self.gap.at(_words("gap", keys)).reshape(len(own), _WIDTH) / self.rate[own][:, np.newaxis]
        gaps[:, 0] += place
        ends: Floats = np.cumsum(gaps, axis=1)
        return ends

    def clock(self, own: Ints, ends: Floats) -> Floats:
        """The same times on the clock of a parent that is always exposed."""
        found, passed, added = ends.copy(), np.zeros(len(own)), np.zeros(len(own))
        for begin, finish in self.pieces:
            some = finish[own] > begin[own]
            further = np.where(some, begin[own] - passed - added, 0.0)
            found += np.where(ends >= passed[:, np.newaxis], further[:, np.newaxis], 0.0)
            added, passed = added + further, passed + (finish[own] - begin[own])
        return found


def _local_variation(renewals: _Renewals) -> Floats:
    size = len(renewals.ids)
    total, number = np.zeros(size), np.zeros(size)
    own = np.flatnonzero(renewals.length > 0)
    start = Stream.named(0, "what could have been", "phase").uniforms(renewals.ids)
    place = -(_SETTLED + start[own]) / renewals.rate[own]
    last = np.full((len(own), 2), np.nan)
    first = 0
    while len(own):
        ends = renewals.ends(own, first, place)
        inside = (ends >= 0.0) & (ends < renewals.length[own][:, np.newaxis])
        moments = np.concatenate([last, np.where(inside, renewals.clock(own, ends), np.nan)], axis=1)
        gaps = np.diff(moments, axis=1)
        one, other = gaps[:, :-1], gaps[:, 1:]
        local = 3.0 * ((one - other) / (one + other)) ** 2
        there = np.isfinite(local)
        total[own] += np.where(there, local, 0.0).sum(axis=1)
        number[own] += np.count_nonzero(there, axis=1)
        going = ends[:, -1] < renewals.length[own]
        own, place, last = own[going], ends[going, -1], moments[going, -2:]
        first += _WIDTH
    return np.array([total.sum(), number.sum(), total @ total, total @ number, number @ number])


def _words(purpose: str, ids: Words) -> Words:
    return Stream.named(0, "what could have been", "gaps", purpose).words(ids)


__all__ = ["simulated_gaps"]
