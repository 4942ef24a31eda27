"""Recovers rates: observed against expected events by category of each factor.

A generalized linear model with offset, taken one factor at a time: found = planted x (seen / expected) of a category
over that of all. Expectations are exact integrals of the planted rate over each parent's exposure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.rates import RateDeclaration
from datagen.errors import Absent
from datagen.point_process.effects import NEVER_BORN
from datagen.point_process.expected_counts import Cell, Exposure, Spans, at_risk
from datagen.point_process.factors import Aged, Grouped, Timed
from datagen.point_process.ground_truth import KnownFactor
from datagen.time_units import DAY, HOUR
from datagen.validation.metrics.base import Finding, Slice
from datagen.validation.metrics.rates.operational_time import Owned, events_by_parent
from datagen.validation.metrics.rates.per_parent import about_parents, missing_truth_columns
from datagen.validation.metrics.rates.state import FactorSums, RateParameters, RateState, joined, products
from datagen.validation.metrics.rates.verdicts import rate_findings
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import sample_rows

MOST_PARENTS = 200_000
SAMPLED_PARENTS = 16_384
MORE_OF_CLUSTERS = 4
"""How many times the sample is as large where parents have effects in common: clusters are fewer than parents."""
MOST_SPANS = 36
FINEST = 2000
_GROWTH = 0.2


@judges(RateDeclaration)
@dataclass(frozen=True, eq=False)
class Rates(RateParameters):
    """The rate of a table of events, its multipliers, and the dispersion over parents."""

    def clusters(self, rows: Rows) -> Rows:
        """The rows above parents that have hidden effects in common to parents below them; the parents if none do."""
        return rows if self.planted.shared is None else rows.above(self.planted.shared)

    @cached_property
    def bounds(self) -> Ints:
        """The bounds of the spans of the window."""
        number = int(np.clip((self.window[1] - self.window[0]) / (30 * DAY), 1, MOST_SPANS))
        return np.linspace(self.window[0], self.window[1], number + 1).astype(np.int64)

    @cached_property
    def stretches(self) -> Ints:
        """The bounds of intervals after a parent's start: short ones first, none longer than a span."""
        whole, most = self.window[1] - self.window[0], int(np.diff(self.bounds).max())
        found = [0]
        while found[-1] < whole:
            found.append(found[-1] + min(max(int(found[-1] * _GROWTH), whole // FINEST, 1), most))
        return np.array(found, np.int64)

    def observe(self, part: Slice) -> RateState | None:
        block = part.block(self.table)
        if block is None or block.parent is None or "event_time" not in block.attributes:
            return None
        total = max(self.parents(), len(block.parent))
        at = sample_rows(self.clusters(Rows(block.parent)).ids, MOST_PARENTS / max(total, 1))
        rows = Rows(block.parent, at)
        if not len(rows):
            return None
        try:
            events = events_by_parent(block, at, self.cause)
        except Absent:
            return None
        return SliceRates(self, rows, events, SAMPLED_PARENTS / max(min(total, MOST_PARENTS), 1)).state()

    def merge(self, one: RateState, other: RateState) -> RateState:
        return one + other

    def findings(self, state: RateState | None) -> list[Finding]:
        return rate_findings(self, state)


class SliceRates:
    """The observation of one slice."""

    def __init__(self, metric: Rates, rows: Rows, events: Owned, share: float) -> None:
        self.metric, self.planted, self.rows = metric, metric.planted, rows
        self.owner, self.times = events
        self.grid = metric.planted.rate.grid
        start, end = metric.planted.clip_to_lives(rows, *metric.stay(rows))
        low, high = metric.window
        base = metric.planted.rate.static(rows) * metric.base.per_hour
        share *= 1 if metric.planted.shared is None else MORE_OF_CLUSTERS
        self.exposure = Exposure(self.planted, rows, np.clip(start, low, high), np.clip(end, low, high), base)
        chosen = sample_rows(metric.clusters(rows).ids, share, "closely")
        self.sample = np.arange(len(rows)) if chosen is None else chosen

    @cached_property
    def cells(self) -> list[Cell]:
        return self.exposure.cells()

    @cached_property
    def means(self) -> Floats:
        """The expected events of each parent."""
        total = np.zeros(len(self.rows))
        for expected in self.in_cells:
            total += expected
        return total

    @cached_property
    def in_cells(self) -> list[Floats]:
        """The expected events of each parent in each cell."""
        return [self.exposure.expected(cell) for cell in self.cells]

    @cached_property
    def sampled(self) -> Exposure:
        whole, at = self.exposure, self.sample
        return Exposure(self.planted, self.rows.take(at), whole.start[at], whole.end[at], whole.base[at])

    @cached_property
    def spans(self) -> Spans:
        return Spans.of(self.sampled, self.metric.bounds).scaled(self.means[self.sample])

    @cached_property
    def lives(self) -> Spans:
        """The sampled parents by intervals from their start on: a life may be much shorter than a span
        of the window.
        """
        stretches = self.sampled.start + self.metric.stretches[:, np.newaxis]
        return Spans.of(self.sampled, stretches).scaled(self.means[self.sample])

    @cached_property
    def by_span(self) -> Floats:
        """The expected events of the sampled parents by span, (sampled, spans)."""
        return self.spans.mean

    @cached_property
    def by_span_and_potential(self) -> tuple[Floats, Floats]:
        """The same, and the same if no life ended."""
        chance = self.spans.chance
        return self.by_span, np.divide(self.by_span, chance, out=np.zeros(chance.shape), where=chance > 0)

    @cached_property
    def slots(self) -> tuple[Ints, list[tuple[int, ...]]]:
        """Parents grouped by all calendars that they follow: a slot each; for each slot the rate's group and each
        factor's.
        """
        columns = [self.exposure.group]
        for known in self.metric.known:
            factor = known.factor
            if isinstance(factor, Timed):
                own = factor.group(known.reach(self.rows)) if factor.group else np.zeros(len(self.rows), np.int64)
                columns.append(own)
        found, slot = np.unique(np.stack(columns), axis=1, return_inverse=True)
        return slot.reshape(-1), [tuple(column) for column in found.T.tolist()]

    @cached_property
    def by_cell(self) -> Floats:
        """The expected events in each cell of the grid by slot, (slots, cells)."""
        slot, groups = self.slots
        present = at_risk(self.exposure, self.cells, slot, len(groups))
        calendars = self.planted.rate.calendars
        return np.stack(
            [row * calendars[group[0]] * self.grid.widths for row, group in zip(present, groups, strict=True)]
        )

    def state(self) -> RateState:
        gone = tuple(missing_truth_columns(self.planted, self.rows))
        zeros, mean = np.zeros(len(self.times), np.int64), self.means
        spans = [np.add.reduce(part, axis=0)[np.newaxis] for part in self.by_span_and_potential]
        tallies, number = [self._tally(zeros, mean.sum()[np.newaxis], mean[self.sample, np.newaxis], spans)], 0
        for known in self.metric.known:
            number += isinstance(known.factor, Timed)
            tallies.append(self._of(known, number))
        lives = self.lives, self.metric.stretches
        declared = self.metric.base, self.planted.distributions(gone)
        parents = about_parents(self.sampled, lives, self._own(), declared, self.cluster)
        sampled = float(mean[self.sample].sum())
        return RateState(
            len(self.rows), tuple(tallies), self._days(), sampled, *parents, self._turnover(), self._together(), gone
        )

    @cached_property
    def cluster(self) -> Ints | None:
        """The number of the cluster of each sampled parent, from 0 on; None if each is one."""
        if self.planted.shared is None:
            return None
        _, found = np.unique(np.asarray(self.metric.clusters(self.sampled.rows).at), return_inverse=True)
        return found

    def _together(self) -> Floats:
        sizes = np.ones(len(self.sample)) if self.cluster is None else np.bincount(self.cluster)
        return np.array([sizes.sum(), (sizes * sizes).sum()], np.float64)

    def _turnover(self) -> float:
        spans = self.by_span
        changes = np.add.reduce(np.abs(np.diff(spans, axis=1)), axis=1)
        return float((spans.max(axis=1, initial=0.0) * changes).sum())

    def _days(self) -> Floats:
        """Events observed and expected on each day of the window, (2, days)."""
        first = self.metric.window[0] // DAY
        days = -(-self.metric.window[1] // DAY) - first
        seen = np.bincount(np.clip(self.times // DAY - first, 0, days - 1), minlength=days)
        day = self.grid.days - first
        inside = (day >= 0) & (day < days)
        cells = np.add.reduce(self.by_cell, axis=0)
        return np.stack([seen.astype(np.float64), np.bincount(day[inside], cells[inside], minlength=days)])

    def _own(self) -> Owned:
        """The events of the sampled parents: position in the sample, time."""
        owner = self.place[self.owner]
        return owner[owner >= 0], self.times[owner >= 0]

    @cached_property
    def place(self) -> Ints:
        """The position of each parent in the sample, -1 for none."""
        place = np.full(len(self.rows), -1, np.int64)
        place[self.sample] = np.arange(len(self.sample))
        return place

    def _of(self, known: KnownFactor, number: int) -> FactorSums:
        """The tally of a factor; `number` counts calendar factors, from 1."""
        factor, size = known.factor, len(known.factor.planted)
        try:
            if isinstance(factor, Grouped):
                return self._grouped(factor.code(known.reach(self.rows)), size)
        except Absent:
            return _nothing(size, len(self.metric.bounds) - 1)
        codes = known.codes(self.rows.take(self.owner), self.times, self.grid)
        if isinstance(factor, Aged):
            return self._aged(codes, factor, factor.born(known.reach(self.rows)))
        assert isinstance(factor, Timed)
        return self._timed(codes, factor, number)

    def _grouped(self, code: Ints, size: int) -> FactorSums:
        expected = np.bincount(code + 1, self.means, minlength=size + 1)[1:].astype(np.float64)
        own = code[self.sample]
        belongs = np.zeros((len(own), size))
        belongs[np.flatnonzero(own >= 0), own[own >= 0]] = 1.0
        mean = belongs * self.means[self.sample, np.newaxis]
        return self._tally(code[self.owner], expected, mean, [belongs.T @ part for part in self.by_span_and_potential])

    def _aged(self, codes: Ints, factor: Aged, born: Ints) -> FactorSums:
        size, spans = len(factor.planted), self.by_span.shape[1]
        expected = np.zeros((len(self.rows), size))
        own, alike = np.arange(len(self.rows)), len(self.exposure.curves) == 1 and not self.exposure.treatments
        for (low, high, _), number in zip(self.cells, self.in_cells, strict=True):
            at = np.flatnonzero(high > low)
            at = at[:1] if alike else at  # a cell is then the same age interval for all
            age = np.maximum(low[at] + (high[at] - low[at]) // 2 - born[at], 0) * (1.0 / HOUR)
            code = np.searchsorted(factor.edges, age, side="right") - 1
            if alike:
                expected[:, code[0]] += number
            else:
                expected[own[at], code] += number[at]
        middles = (self.metric.bounds[1:] + self.metric.bounds[:-1]) // 2
        ages = np.maximum(middles[np.newaxis, :] - born[self.sample][:, np.newaxis], 0) * (1.0 / HOUR)
        code = np.searchsorted(factor.edges, ages, side="right") - 1
        where = (code * spans + np.arange(spans)).ravel()
        there = born != NEVER_BORN  # a null reference has no age
        expected *= there[:, np.newaxis]
        by_span = list[Floats]()
        for part in self.by_span_and_potential:
            weight = part * there[self.sample, np.newaxis]
            found = np.bincount(where, weight.ravel(), minlength=size * spans).astype(np.float64)
            by_span.append(found.reshape(size, spans))
        return self._tally(codes, np.add.reduce(expected, axis=0), expected[self.sample], by_span)

    def _timed(self, codes: Ints, factor: Timed, number: int) -> FactorSums:
        size = len(factor.planted)
        slot, groups = self.slots
        slot = slot[self.sample]
        expected, own = np.zeros(size), np.zeros((len(slot), size))
        spans = [np.zeros((size, self.by_span.shape[1])) for _ in range(2)]
        for k, group in enumerate(groups):
            codes_here = factor.codes[group[number]]
            expected += np.bincount(codes_here + 1, self.by_cell[k], minlength=size + 1)[1:]
            shares = self._shares(codes_here, self.planted.rate.calendars[group[0]], size)
            at = np.flatnonzero(slot == k)
            own[at] = self.by_span[at] @ shares
            for total, part in zip(spans, self.by_span_and_potential, strict=True):
                total += np.add.reduce(part[at], axis=0) * shares.T
        return self._tally(codes, expected, own, spans)

    def _shares(self, codes: Ints, calendar: Floats, size: int) -> Floats:
        """The share of each category in each span of a calendar, (spans, size)."""
        span = np.searchsorted(self.metric.bounds, self.grid.edges[:-1], side="right") - 1
        spans = len(self.metric.bounds) - 1
        inside = (span >= 0) & (span < spans)
        cell = (span * (size + 1) + codes + 1)[inside]
        weight = np.bincount(cell, (calendar * self.grid.widths)[inside], minlength=spans * (size + 1)).reshape(
            spans, size + 1
        )
        total = np.add.reduce(weight, axis=1, keepdims=True)
        shares: Floats = np.divide(weight, total, out=np.zeros(weight.shape), where=total > 0)[:, 1:]
        return shares

    def _tally(self, codes: Ints, expected: Floats, own: Floats, spans: Sequence[Floats]) -> FactorSums:
        """`codes` are those of the events; `expected` by category, (k,), of each sampled parent, (sampled, k), and by
        span, as it is and as it would be if nobody ever left.
        """
        size = len(expected)
        seen = np.bincount(codes + 1, minlength=size + 1)[1:].astype(np.float64)
        owner = self.place[self.owner]
        kept = (owner >= 0) & (codes >= 0)
        cells = np.bincount(owner[kept] * size + codes[kept], minlength=len(own) * size)
        by_parent = cells.reshape(len(own), size).astype(np.float64)
        potential = np.add.reduce(spans[1], axis=1)
        pairs = products(joined(by_parent, self.cluster), joined(own, self.cluster))
        return FactorSums(seen, expected, pairs, spans[0], potential)


def _nothing(size: int, spans: int) -> FactorSums:
    none = np.zeros(size)
    return FactorSums(none, none, np.zeros((2 * size, 2 * size)), np.zeros((size, spans)), none)
