"""Metric of arrivals: the curve, the share before the window, factors on the rate, the variance of counts.

Times are exact: rows are counted in cells whose edges include those of the window.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.rates import ArrivalDeclaration, ArrivalSegment
from datagen.point_process.factors import Timed
from datagen.point_process.ground_truth import KnownFactor
from datagen.time_units import DAY
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.contingency import counted
from datagen.validation.metrics.dispersion import Cells, dispersion_finding
from datagen.validation.metrics.factor_verdicts import FactorLocation, factor_findings
from datagen.validation.metrics.rates.daily_noise import common_noise, daily_findings
from datagen.validation.metrics.rates.log_ratios import LEAST_EXPECTED, Contrast
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.value_units import format_value
from datagen.validation.metrics.verdict import Parameter, close, compare, not_identifiable, where_most
from datagen.validation.report.chart_data import series

FEWEST = 100
PARTS = 64
"""How many parts of the keys, and of time, are compared to see whether keys grow with time."""
_FEWEST_PARTS = 4
_MISPLACED = 0.001
_THRESHOLD = 0.005
_CRITICAL = 2.5
"""A critical value of the Kolmogorov distribution, exceeded once in 130,000 samples."""
_POINTS = 60
_MOST_DRAWN = 1500


@dataclass(frozen=True, slots=True, eq=False)
class ArrivalSums:
    """Entities by cell of time, by category of each factor within the window, and by part of the keys and of time."""

    cells: Floats
    factors: tuple[Floats, ...]
    parts: Floats

    def __add__(self, other: ArrivalSums) -> ArrivalSums:
        factors = tuple(a + b for a, b in zip(self.factors, other.factors, strict=True))
        return ArrivalSums(self.cells + other.cells, factors, self.parts + other.parts)


@judges(ArrivalDeclaration)
@dataclass(frozen=True, eq=False)
class ArrivalRecovery(ArrivalDeclaration):
    """Entities of `table` that arrive along `segments()`, without noise; the window begins at `start` (microseconds).

    `before` is the share that arrived before the window, None if not declared.
    """

    name: ClassVar[str] = "ArrivalRecovery"
    group: Group = "time"
    whole: ClassVar[bool] = True
    """A sample of blocks would be a sample of dates."""

    @cached_property
    def known(self) -> tuple[KnownFactor, ...]:
        return tuple(known for known in self.planted.known if isinstance(known.factor, Timed))

    @cached_property
    def _segments(self) -> tuple[ArrivalSegment, ...]:
        return self.segments()

    @cached_property
    def cells(self) -> Cells:
        return Cells.of(self._segments, noisy=bool(self.planted.daily))

    @cached_property
    def expected(self) -> Floats:
        """Planted shares of the cells of the grid."""
        edges = self.planted.rate.grid.edges
        shares: Floats = np.diff(sum((segment.reached(edges) for segment in self._segments), np.zeros(len(edges))))
        return shares

    @cached_property
    def _days(self) -> Floats:
        """Planted shares of the days of the grid."""
        return np.bincount(self._day, self.expected).astype(np.float64)

    @cached_property
    def _day(self) -> Ints:
        """The day of the grid of each cell, from 0."""
        days = self.planted.rate.grid.days
        since: Ints = days - days[0]
        return since

    def _by_day(self, state: ArrivalSums) -> Floats:
        """Arrivals by day of the grid."""
        size = len(self._days)
        day = self.cells.edges[:-1] // DAY - self.planted.rate.grid.start // 24
        return np.bincount(np.clip(day, 0, size - 1), state.cells, minlength=size).astype(np.float64)

    def observe(self, part: Slice) -> ArrivalSums | None:
        block = part.block(self.table)
        if block is None:
            return None
        rows = Rows(block)
        times = rows.column(self.column).data
        found = []
        for known in self.known:
            number = len(known.factor.planted)
            codes = known.codes(rows, times, self.planted.rate.grid)
            found.append(np.bincount(codes + 1, minlength=number + 1)[1:].astype(np.float64))
        return ArrivalSums(self.cells.counts(times), tuple(found), self._parts(rows, times))

    def _parts(self, rows: Rows, times: Ints) -> Floats:
        """Entities by part of the keys and part of the time, (PARTS, PARTS)."""
        if self.key is None:
            return np.zeros((PARTS, PARTS))
        keys = rows.column(self.key).data - self.first_key
        low, high = self._segments[0].begin, self._segments[-1].end
        part = keys * PARTS // max(self.size(), 1), (times - low) * PARTS // max(high - low, 1)
        one, other = (np.clip(each, 0, PARTS - 1) for each in part)
        return counted(one, other, (PARTS, PARTS))

    def merge(self, one: ArrivalSums, other: ArrivalSums) -> ArrivalSums:
        return one + other

    def findings(self, state: ArrivalSums | None) -> list[Finding]:
        curve = Parameter(self.table, self.column, "KSComplement", "curve of arrivals", 1.0, group=self.group)
        total = 0.0 if state is None else float(state.cells.sum())
        if state is None or total < FEWEST:
            return [not_identifiable(curve, f"{total:.0f} entities arrived")]
        noise = daily_findings(self.table, self.planted.daily, self._within(state))
        found = [self._curve(curve, state, total), *self._before(state, total), *self._factors(state)]
        found += self._order(state, total)
        return [*found, self._spread(state), *noise]

    def _within(self, state: ArrivalSums) -> Floats:
        """Arrivals seen and expected on the whole days of the window, (2, days)."""
        low, high = -(-self.start // DAY), self._segments[-1].end // DAY
        first = self.planted.rate.grid.start // 24
        days = slice(int(low - first), int(max(high, low) - first))
        seen, expected = self._by_day(state)[days], self._days[days]
        return np.stack([seen, expected * (seen.sum() / max(float(expected.sum()), 1e-300))])

    def _curve(self, parameter: Parameter, state: ArrivalSums, total: float) -> Finding:
        reached, planted = np.cumsum(state.cells / total), np.cumsum(self.cells.shares)
        most = int(np.abs(reached - planted).argmax())
        distance, when = float(abs(reached[most] - planted[most])), int(self.cells.edges[most + 1])
        allowed = _CRITICAL / total**0.5 + 4.0 * self._noise()
        fits = close(parameter, distance, allowed, _THRESHOLD, self._drawn(state, total))
        come = f"{reached[most]:.1%} had arrived by {format_value(when, 'timestamp')}"
        return where_most(fits, f"{come}, planted {planted[most]:.1%}")

    def _order(self, state: ArrivalSums, total: float) -> Iterator[Finding]:
        """Whether keys grow with time. Keys of another origin, of any time in every part, are not judged."""
        size = min(PARTS, 1 << int(math.log2(total / 4.0) / 2.0))
        if self.key is None or size < _FEWEST_PARTS:
            return
        parts = np.add.reduce(state.parts.reshape(size, PARTS // size, size, PARTS // size), axis=(1, 3))
        off = total - float(np.minimum(parts, in_order(parts)).sum())
        mixed = np.count_nonzero(parts) > 0.5 * np.count_nonzero(parts.any(axis=1)) * size
        good = off <= _MISPLACED * total
        message = f"{off:,.0f} of {total:,.0f} rows have the keys of another time" if off else "keys grow with time"
        yield Finding(
            "cardinality", "KeyOrder", self.table, self.key, "not applicable" if mixed else "pass" if good else "fail",
            "the keys have no order in time" if mixed else message, subject="keys in the order of arrival",
            score=None if mixed else 1.0 if good else 1.0 - off / total, weight=0.0 if mixed else 1.0,
        )  # fmt: skip

    def _spread(self, state: ArrivalSums) -> Finding:
        """Whether counts have the variance of a Poisson process: less for regular arrivals, more for clusters."""
        subject = "variance of counts over their mean"
        parameter = Parameter(self.table, self.column, "Dispersion", subject, 1.0, group=self.group)
        return dispersion_finding(parameter, state.cells, self.cells)

    def _noise(self) -> float:
        """How far daily noise moves the curve: the largest standard deviation along it."""
        if not self.planted.daily:
            return 0.0
        at = np.unique(np.linspace(1, len(self._days) - 1, _POINTS).astype(np.int64))
        reached = np.cumsum(self._days)[at - 1]
        below = (np.arange(len(self._days)) < at[:, np.newaxis]).astype(np.float64)
        swing = (below - reached[:, np.newaxis]) * self._days
        return float(np.sqrt(np.diag(common_noise(swing, self.planted)).max(initial=0.0)))

    def _before(self, state: ArrivalSums, total: float) -> Iterator[Finding]:
        if self.before is None:
            return
        subject = "share that came before the window"
        size = max(self.before, 0.05)
        parameter = Parameter(self.table, self.column, self.name, subject, self.before, size, group=self.group)
        found = float(state.cells[self.cells.edges[1:] <= self.start].sum()) / total
        error = (max(self.before * (1.0 - self.before), 0.25 / total) / total) ** 0.5
        yield compare(parameter, found, error)

    def _factors(self, state: ArrivalSums) -> Iterator[Finding]:
        for known, seen in zip(self.known, state.factors, strict=True):
            assert isinstance(known.factor, Timed)
            yield from factor_findings(
                FactorLocation(self.table, None, known.behavior), known.factor, self._seen(known.factor, seen)
            )

    def _seen(self, factor: Timed, seen: Floats) -> Contrast:
        """The log ratios of a factor's categories to the curve, as if arrivals were a Poisson process."""
        codes, size = factor.codes[0], len(seen)
        mass = np.bincount(codes + 1, self.expected, minlength=size + 1)[1:]
        expected = mass * (seen.sum() / max(float(mass.sum()), 1e-300))
        usable = expected >= LEAST_EXPECTED
        ratio = np.where(usable, np.log(np.maximum(seen, 0.5) / np.maximum(expected, 1e-9)), 0.0)
        covariance = np.diag(1.0 / np.maximum(np.where(seen > 0, seen, expected), 1.0))
        if self.planted.daily:
            covariance = covariance + common_noise(self._shares(codes, size), self.planted)
        return Contrast(ratio, np.where(np.outer(usable, usable), covariance, 0.0), expected, usable, seen)

    def _shares(self, codes: np.ndarray[tuple[int], np.dtype[np.int64]], size: int) -> Floats:
        """The distribution of each category over the days, (categories, days)."""
        days = len(self._days)
        inside = codes >= 0
        cell = codes * days + self._day
        weight = np.bincount(cell[inside], self.expected[inside], minlength=size * days).reshape(size, days)
        shares: Floats = weight / np.maximum(np.add.reduce(weight, axis=1, keepdims=True), 1e-300)
        return shares

    def _drawn(self, state: ArrivalSums, total: float) -> dict[str, object]:
        """Arrivals per week, found and planted."""
        days = self._by_day(state)
        weeks = min(len(days) // 7, _MOST_DRAWN)
        seen, planted = (np.add.reduce(d[: weeks * 7].reshape(-1, 7), axis=1) for d in (days, self._days * total))
        first = self.planted.rate.grid.start // 24
        inside = np.flatnonzero(planted > 0)
        span = slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 1)
        times = [(first + 7 * k) * DAY for k in range(weeks)][span]
        return series(f"{self.table} per week", times, seen[span], planted[span], x="date (UTC)", y="arrivals per week")


def in_order(parts: Floats) -> Floats:
    """The frequency of each pair of parts with these margins, if both grow together: the comonotone coupling."""
    keys, times = (np.concatenate(([0.0], np.cumsum(np.add.reduce(parts, axis=axis)))) for axis in (1, 0))
    low = np.maximum.outer(keys[:-1], times[:-1])
    found: Floats = np.maximum(np.minimum.outer(keys[1:], times[1:]) - low, 0.0)
    return found
