"""Intervals that follow each other: how often they begin, by each factor of their rate, and their gaps and lengths.

Everything is recovered from the compensator of a counting process (Aalen 1978, "Nonparametric inference for a family of
counting processes"). With H the cumulative hazard of the gap distribution, and L the time of a gap that has passed
under the multipliers, H(L) grows by the number of intervals that are expected to begin: found over expected in a
category is the maximum-likelihood ratio of its multiplier, and the expectation is also its variance. H at the end of
gaps and of lengths is a unit exponential, censored at the window's end.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints, Rows
from datagen.columnar.ragged import positions
from datagen.columnar.row_time import moments
from datagen.declarations.rates import IntervalsDeclaration
from datagen.errors import Absent
from datagen.point_process.factors import Grouped
from datagen.point_process.ground_truth import GroundTruth, KnownFactor
from datagen.time_units import HOUR
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.process_views import instants
from datagen.validation.metrics.factor_verdicts import FactorLocation, factor_findings
from datagen.validation.metrics.rates.log_ratios import LEAST_EXPECTED, Contrast
from datagen.validation.metrics.rates.per_parent import missing_truth_columns
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import sample_rows
from datagen.validation.metrics.verdict import Parameter, close, not_identifiable

_HOURS = 4_000_000
"""The most hours of gaps that are looked at, in all."""
_LEVELS = -np.log1p(-np.arange(1, 500) / 500)
"""The levels of a unit exponential at which its compensator is compared."""
_LIVES = "the lives of parents end it"
_FEWEST, _THRESHOLD, _STEP = 20, 0.02, 0.005
_CHANCE = 3.48
"""What the largest deviation of a Brownian motion on [0, 1] exceeds in one of 1,000 cases: found less expected is a
martingale whose variance at the end is what was found. It is no bridge, which ends at 0.
"""


@dataclass(frozen=True, slots=True, eq=False)
class IntervalSums:
    """Of gaps and of lengths, how many ended below each level and how many were expected to, (2, levels) each; by
    factor, the intervals found and expected, (2, k). `spread`: a multiplier of the parents is not in the data.
    """

    gaps: Floats
    lengths: Floats
    factors: tuple[Floats, ...]
    spread: bool

    def __add__(self, other: IntervalSums) -> IntervalSums:
        factors = tuple(one + two for one, two in zip(self.factors, other.factors, strict=True))
        spread = self.spread or other.spread
        return IntervalSums(self.gaps + other.gaps, self.lengths + other.lengths, factors, spread)


@judges(IntervalsDeclaration)
@dataclass(frozen=True, eq=False)
class IntervalTimes(IntervalsDeclaration):
    """Begin, gaps and lengths of the intervals of a sample of parents."""

    group: Group = "recovery"

    def observe(self, part: Slice) -> IntervalSums | None:
        block = part.block(self.table)
        if block is None or block.parent is None or block.parent_row is None:
            return None
        hours = (self.window[1] - self.window[0]) / HOUR
        kept = sample_rows(block.parent.ids, _HOURS / max(self.parents() * hours, 1.0), "intervals")
        parents = Rows(block.parent, np.arange(len(block.parent)) if kept is None else kept)
        place = np.full(len(block.parent), -1, np.int64)
        place[parents.at] = np.arange(len(parents))
        owner = place[block.parent_row]
        starts, ends = (instants(block.columns[name]) for name in (self.column, self.ends))
        at = np.flatnonzero((owner >= 0) & (starts < self.window[1]))
        at = at[np.lexsort((starts[at], owner[at]))]
        try:
            return self._sums(Gaps.of(parents, (owner[at], starts[at], ends[at]), self.window), starts[at], ends[at])
        except Absent:
            return None

    def _sums(self, gaps: Gaps, starts: Ints, ends: Ints) -> IntervalSums:
        spread = self.planted.spread(tuple(missing_truth_columns(self.planted, gaps.parents))) > 0.0
        passed = _OperationalTime(gaps, self.planted, _Hazard(self.gaps()))
        closed, length = ends < self.window[1], np.minimum(ends, self.window[1]) - starts
        return IntervalSums(
            _compensated(passed.hazard[passed.last], gaps.closed),
            _compensated(_Hazard(self.lengths())(length * np.float64(1.0 / HOUR)), closed),
            tuple(passed.tally(known, spread=spread) for known in self.planted.known),
            spread,
        )

    def merge(self, one: IntervalSums, other: IntervalSums) -> IntervalSums:
        return one + other

    def findings(self, state: IntervalSums | None) -> list[Finding]:
        distributions = [
            self._distribution("gaps", self.gaps(), state),
            self._distribution("lengths", self.lengths(), state),
        ]
        return [*distributions, *self._factors(state)]

    def _distribution(self, name: str, quantiles: Floats, state: IntervalSums | None) -> Finding:
        column = self.column if name == "gaps" else self.ends
        parameter = Parameter(self.table, column, "IntervalTimes", name, 0.0, group="distribution")
        sums = np.zeros((2, 1)) if state is None else getattr(state, name)
        ended = float(sums[0, -1])
        if state is None or ended < _FEWEST:
            return not_identifiable(parameter, "too few intervals are shown")
        if name == "gaps" and (state.spread or self.planted.daily or self.planted.survival_factors):
            return not_identifiable(
                parameter, _LIVES if self.planted.survival_factors else "a hidden multiplier acts on it"
            )
        if bool((np.bincount(np.unique(quantiles, return_inverse=True)[1]) > _STEP * len(quantiles)).any()):
            return not_identifiable(parameter, "its distribution has steps")
        distance = float(np.abs(sums[0] - sums[1]).max()) / ended
        return close(parameter, distance, _CHANCE / ended**0.5, _THRESHOLD, {name: ended})

    def _factors(self, state: IntervalSums | None) -> Iterator[Finding]:
        for number, known in enumerate(self.planted.known):
            place, factor = FactorLocation(self.table, None, known.behavior), known.factor
            unknown = "a hidden multiplier of the parents acts on it" if isinstance(factor, Grouped) else ""
            if state is None or (state.spread and unknown) or self.planted.daily or self.planted.survival_factors:
                why = "the columns that show it are missing" if state is None else unknown or "daily noise acts on it"
                why = _LIVES if self.planted.survival_factors else why
                yield not_identifiable(place.parameter(factor.name, 1.0), why)
                continue
            seen, expected = state.factors[number]
            usable = (expected >= LEAST_EXPECTED) & (seen > 0)
            ratio = np.where(usable, np.log(np.maximum(seen, 0.5) / np.maximum(expected, 1e-9)), 0.0)
            covariance = np.diag(np.where(usable, 1.0 / np.maximum(expected, 1.0), 0.0))
            yield from factor_findings(place, factor, Contrast(ratio, covariance, expected, usable, seen))


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """n gaps in the order of parent and time: the position of the parent, from `since` to `until` (microseconds), and
    whether an interval begins then, shape (n,) each.
    """

    parents: Rows
    owner: Ints
    since: Ints
    until: Ints
    closed: Bools

    @classmethod
    def of(cls, parents: Rows, intervals: tuple[Ints, Ints, Ints], window: tuple[int, int]) -> Gaps:
        """The gap before each interval, given in order by parent, start and end, and that after the last one. When the
        first one of a parent that is there before the window began is not known, so it is left out.
        """
        owner, starts, ends = intervals
        born = moments(parents)
        origin = np.full(len(parents), window[0] - 1, np.int64) if born is None else born
        counts = np.bincount(owner, minlength=len(parents)) + 1
        first = np.zeros(int(counts.sum()), np.bool_)
        last = first.copy()
        first[np.cumsum(counts) - counts], last[np.cumsum(counts) - 1] = True, True
        since, until = np.empty(len(first), np.int64), np.full(len(first), window[1], np.int64)
        since[first], since[~first], until[~last] = origin, np.minimum(ends, window[1]), starts
        known = since >= window[0]
        of, until = np.repeat(np.arange(len(parents)), counts), np.maximum(since, until)
        return cls(parents, of[known], since[known], until[known], ~last[known])


class _Hazard:
    """The cumulative hazard of a distribution, given by quantiles in microseconds, after some hours."""

    def __init__(self, quantiles: Floats) -> None:
        self._hours, size = quantiles * np.float64(1.0 / HOUR), len(quantiles)
        self._share = (np.arange(size) + 0.5) / size

    def __call__(self, hours: Floats) -> Floats:
        found: Floats = -np.log1p(-np.interp(hours, self._hours, self._share, left=0.0))
        return found


@dataclass(frozen=True, eq=False)
class _OperationalTime:
    """The time that passes under the multipliers, in pieces of gaps with one multiplier each."""

    gaps: Gaps
    planted: GroundTruth
    distribution: _Hazard

    @cached_property
    def pieces(self) -> tuple[Ints, Ints, Ints]:
        """The gap of each piece, its start and its end, (m,) each; by the cells of the grid, if there is a rate."""
        gaps, grid = self.gaps, self.planted.rate.grid
        every = np.arange(len(gaps.owner))
        if not self.planted.rate:
            return every, gaps.since, gaps.until
        begin = grid.cell(gaps.since)
        counts = np.maximum(grid.cell(gaps.until - 1) - begin, 0) + 1
        gap, cell = np.repeat(every, counts), positions(begin, counts)
        low, high = grid.edges.take(cell), grid.edges.take(cell + 1)
        return gap, np.maximum(low, gaps.since[gap]), np.minimum(high, gaps.until[gap])

    @cached_property
    def rows(self) -> Rows:
        """The parent of each piece."""
        return self.gaps.parents.take(self.gaps.owner[self.pieces[0]])

    @cached_property
    def middle(self) -> Ints:
        _, low, high = self.pieces
        return low + (high - low) // 2

    @cached_property
    def last(self) -> Ints:
        """The last piece of each gap."""
        return np.searchsorted(self.pieces[0], np.arange(len(self.gaps.owner)), side="right") - 1

    @cached_property
    def hazard(self) -> Floats:
        """The cumulative hazard of the gap at the end of each piece."""
        _, low, high = self.pieces
        hours = (high - low) * np.float64(1.0 / HOUR)
        if self.planted.rate:
            hours *= self.planted.rate.at(self.rows, self.middle)
        return self.distribution(_running(hours, self.last))

    @cached_property
    def expected(self) -> Floats:
        """The intervals that are expected to begin in each piece."""
        found = np.diff(self.hazard, prepend=0.0)
        first = np.concatenate(([0], self.last[:-1] + 1)) if len(self.last) else self.last
        found[first] = self.hazard[first]
        return found

    def tally(self, known: KnownFactor, *, spread: bool) -> Floats:
        """The intervals found and expected in each category of a factor, (2, k). With a `spread` over parents, the
        number of each parent is taken as it is.
        """
        gaps, size, expected = self.gaps, len(known.factor.planted), self.expected
        if spread:
            who = gaps.owner[self.pieces[0]]
            own = np.bincount(who, expected, minlength=len(gaps.parents))
            found = np.bincount(gaps.owner[gaps.closed], minlength=len(gaps.parents))
            expected = expected * np.divide(found, own, out=np.zeros(len(own)), where=own > 0)[who]
        begun = self.rows.take(self.last[gaps.closed])
        codes = known.codes(begun, gaps.until[gaps.closed], self.planted.rate.grid)
        there = known.codes(self.rows, self.middle, self.planted.rate.grid)
        seen = np.bincount(codes + 1, minlength=size + 1)[1:]
        return np.stack([seen, np.bincount(there + 1, expected, minlength=size + 1)[1:]]).astype(np.float64)


def _running(amounts: Floats, last: Ints) -> Floats:
    """Running sums that begin anew after each of the positions `last`."""
    total = np.cumsum(amounts)
    before = np.concatenate(([0.0], total[last[:-1]])) if len(last) else total
    found: Floats = total - np.repeat(before, np.diff(last, prepend=-1))
    return found


def _compensated(hazard: Floats, ended: Bools) -> Floats:
    """How many of unit exponentials ended below each level, and the expected number of those, (2, levels)."""
    closed, every = np.sort(hazard[ended]), np.sort(hazard)
    below = np.searchsorted(every, _LEVELS, side="right")
    sums = np.concatenate(([0.0], np.cumsum(every)))
    due = sums[below] + (len(every) - below) * _LEVELS
    return np.stack([np.searchsorted(closed, _LEVELS, side="right"), due])
