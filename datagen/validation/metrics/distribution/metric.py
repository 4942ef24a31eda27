"""Tests the distribution of values: the quantile of each cell, after multipliers are removed, is uniform.

The quantile of a cell is the probability of a smaller one (the probability integral transform). A rounded or clipped
cell stands for an interval of the distribution and gets a random quantile within it, the same in every run. So
rounding, ranges and multipliers need no allowance, and the quantiles of intact data are exactly uniform.
"""

from __future__ import annotations

import math
import weakref
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Column, Floats, Ints, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.values import Distribution, DistributionDeclaration
from datagen.errors import Absent
from datagen.point_process.ground_truth import GroundTruth, KnownFactor
from datagen.random.shifting import Shifting
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.factor_verdicts import FactorLocation, factor_findings
from datagen.validation.metrics.rates.log_ratios import FEW_PARENTS, LEAST_EXPECTED, Contrast, residual
from datagen.validation.metrics.rates.state import products
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import row_uniforms, sample_rows
from datagen.validation.metrics.value_units import drawn, format_value
from datagen.validation.metrics.verdict import FAR, Parameter, close, compare, not_identifiable, where_most
from datagen.validation.report.chart_data import histogram

PLACES = 256


@dataclass(frozen=True, slots=True, eq=False)
class ValueTally:
    """One factor of k categories: cells, sums and sums of squares of their distances from the centre, (k,) each;
    products of each family's [sum, cells] with itself, (2k, 2k).
    """

    cells: Floats
    total: Floats
    square: Floats
    products: Floats

    def __add__(self, other: ValueTally) -> ValueTally:
        return ValueTally(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class FitState:
    """Cells by case and quantile, (cases, 256); by value for the chart, (bins,); and by factor."""

    places: Floats
    bins: Floats
    tallies: tuple[ValueTally, ...]

    def __add__(self, other: FitState) -> FitState:
        tallies = tuple(a + b for a, b in zip(self.tallies, other.tallies, strict=True))
        return FitState(self.places + other.places, self.bins + other.bins, tallies)


THRESHOLD = 0.005
"""The distance that is tolerated beyond what sampling explains."""
FEWEST = 50
_CRITICAL = 1.95  # critical value of the Kolmogorov distance times sqrt(n), exceeded once in a thousand
_BINS = 32
_WIDE = 30.0
MOST_ROWS = 400_000
_BLUR, _TINY = 1e-12, 1e-300
"""The relative and the absolute distance within which two numbers are the same."""
_ROOM = 2.0
"""Standard deviations of hidden multipliers that the range of a distribution must have room for."""

_MOST_GRIDS = 1_024
"""How many grids of quantiles, of 64 kB each, are kept."""
_recent: deque[weakref.ref[DistributionCase]] = deque()


@dataclass(frozen=True, eq=False)
class DistributionCase(Distribution):
    """One distribution of a column: `quantiles()` at (k + 1/2) / n, ascending, and the clipping range of cells.

    `name` is the name of the case; empty for a single distribution. `mean_only`: cells are rounded at random, so only
    their mean is compared. `shifting` is how multipliers move a distribution with bounds; others are multiplied.
    """

    @classmethod
    def of(cls, declared: Distribution) -> DistributionCase:
        """The case of a declared distribution."""
        return cls(
            declared.quantiles, declared.name, declared.low, declared.high, declared.mean_only, declared.shifting
        )

    @cached_property
    def grid(self) -> Floats:
        """The quantiles, kept until many others are computed: those of thousands of columns would fill the memory."""
        _recent.append(weakref.ref(self))
        while len(_recent) > _MOST_GRIDS:
            oldest = _recent.popleft()()
            if oldest is not None:
                oldest.__dict__.pop("grid", None)
        return self.quantiles()

    @cached_property
    def logarithmic(self) -> bool:
        """Whether values are compared by their logarithms."""
        return bool(self.grid[0] > 0) and not self.mean_only

    @cached_property
    def centre(self) -> float:
        """The mean of the logarithm, else of the value."""
        grid = np.log(self.grid) if self.logarithmic else self.grid
        return float(grid.sum() / len(grid))

    @cached_property
    def mean(self) -> float:
        """The mean within the range."""
        low, high = -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high
        return float(np.clip(self.grid, low, high).sum() / len(self.grid))

    def chance(self, values: Floats) -> Floats:
        """The probability of a smaller value, shape (n,)."""
        size = len(self.grid)
        places = (np.arange(size) + 0.5) / size
        found: Floats = np.interp(values, self.grid, places, left=0.0, right=1.0)
        return found

    def moved(self, factor: Floats) -> tuple[Floats, Floats]:
        """The divisor of cells and the power of their quantile under each multiplier, which restore
        the declared distribution.
        """
        ones = np.ones(len(factor))
        if self.shifting is None:
            return np.where(factor > 0, factor, 1.0), ones
        found = self.shifting.at(factor)
        return (ones, found) if self.shifting.tilts else (np.where(found > 0, found, 1.0), ones)

    def at(self, places: Floats) -> Floats:
        """The values at these quantiles, shape (n,)."""
        return np.interp(places, (np.arange(len(self.grid)) + 0.5) / len(self.grid), self.grid)


@judges(DistributionDeclaration)
@dataclass(frozen=True, eq=False)
class DistributionFit(DistributionDeclaration):
    """The values of a column against their distributions, and every factor that multiplies them.

    `reading(rows)` gives cells in the units of the distributions; a cell stands for the values from `steps[0]` below to
    `steps[1]` above it. `case(rows)` is the case of each row, -1 for none. Cells beyond `limit(rows)` are not observed.
    `unit` is the unit in reports.
    """

    cases: tuple[DistributionCase, ...]
    name: ClassVar[str] = "KSComplement"
    group: Group = "distribution"

    @classmethod
    def of(cls, declared: DistributionDeclaration) -> DistributionFit:
        """The metric of a declaration."""
        given = {one.name: getattr(declared, one.name) for one in fields(declared)}
        return cls(**{**given, "cases": tuple(map(DistributionCase.of, declared.cases))})

    @property
    def known(self) -> Sequence[KnownFactor]:
        return self.planted.known if self.planted is not None else ()

    @cached_property
    def drawn(self) -> ChartBins:
        return shape_of(self.cases)

    def observe(self, part: Slice) -> FitState | None:
        block = part.block(self.table)
        if block is None:
            return None
        share = MOST_ROWS / max(self.size(), len(block), 1)
        at = sample_rows(block.ids, share)
        rows = Rows(block, at)
        cells = self.reading(rows) if self.reading else rows.column(self.column)
        return self._seen(rows, cells, row_uniforms(rows.ids, "ties"))

    def _seen(self, rows: Rows, cells: Column, drawn: Floats) -> FitState:
        kept, codes, values = self.cells_of(rows, cells)
        rows = rows.take(kept)
        times = moments(rows)
        places, plain = self._all_placed(rows, times, (codes, values), drawn[kept])
        tallies = tuple(self._tally(known, rows, times, plain) for known in self.known)
        return FitState(self._places(codes, places), self._bins(codes, places), tallies)

    def places(self, rows: Rows, lot: str = "place") -> Floats:
        """The quantile of each cell in its distribution, without multipliers, 0 to 1, shape (n,); nan if missing.

        `lot` names the draw of the quantile of a cell that stands for an interval.
        """
        cells = self.reading(rows) if self.reading else rows.column(self.column)
        kept, codes, values = self.cells_of(rows, cells)
        drawn, chosen = row_uniforms(rows.ids, f"{lot} of {self.column}")[kept], rows.take(kept)
        found = np.full(len(rows), np.nan)
        found[kept] = self._all_placed(chosen, moments(chosen), (codes, values), drawn)[0]
        return found

    def cells_of(self, rows: Rows, cells: Column) -> tuple[Ints, Ints, Floats]:
        """Positions of the cells with a distribution, the number of their distribution, and their values."""
        codes = self.case(rows).astype(np.int64) if self.case else np.zeros(len(rows), np.int64)
        kept = np.flatnonzero(codes >= 0 if cells.valid is None else (codes >= 0) & cells.valid)
        return kept, codes[kept], cells.take(kept).as_floats()

    def _all_placed(
        self, rows: Rows, times: Ints | None, cells: tuple[Ints, Floats], drawn: Floats
    ) -> tuple[Floats, Floats]:
        """The quantile of each cell of a case and value, and its distance from the centre."""
        codes, values = cells
        factor = self.planted.at(rows, times) if self.planted and self.planted.rate else np.ones(len(rows))
        limit = self.limit(rows) if self.limit else None
        places, plain = np.zeros(len(rows)), np.zeros(len(rows))
        for number, case in enumerate(self.cases):
            at = np.flatnonzero(codes == number)
            within = None if limit is None else limit[at] / case.moved(factor[at])[0]
            places[at], plain[at] = self.placed(case, (values[at], factor[at]), drawn[at], within)
        return places, plain

    def placed(
        self, case: DistributionCase, cells: tuple[Floats, Floats], drawn: Floats, limit: Floats | None
    ) -> tuple[Floats, Floats]:
        """The quantile of each cell in its distribution, and the distance of its value from the distribution's centre,
        without its multiplier.
        """
        values, factor = cells
        divisor, power = case.moved(factor)
        if case.mean_only:
            return drawn, values / divisor / case.centre - 1.0
        blur = np.abs(values) * _BLUR + _TINY  # a value that the distribution repeats stands for all its quantiles
        least, most = values - self.steps[0] - blur, values + self.steps[1] + blur
        if self.raised:  # a number does not change its sign
            least = np.where((values >= 0.0) & (values < self.raised), np.minimum(least, 0.0), least)
            most = np.where((values < 0.0) & (values >= -self.raised), np.minimum(most, 0.0), most)
        low = case.chance(least / divisor) ** power
        high = case.chance(most / divisor) ** power
        if case.low is not None:
            low = np.where(values <= case.low, 0.0, low)
        if case.high is not None:
            high = np.where(values >= case.high, 1.0, high)
        places = low + drawn * (high - low)
        if limit is not None:
            places = np.clip(places / np.maximum(case.chance(limit) ** power, 1e-9), 0.0, 1.0)
        if case.shifting is None:
            places = np.where(factor > 0, places, drawn)  # a cell multiplied by 0 says nothing about it
        if self.hidden and case.shifting is not None:
            return places, self._ratio(case, case.shifting, values, factor)
        return places, self._plain(case, values / divisor, places)

    def _ratio(self, case: DistributionCase, shifting: Shifting, values: Floats, factor: Floats) -> Floats:
        """The distance from the mean of a bounded distribution, whose mean is multiplied; nan where hidden multipliers
        reach the bounds.

        With hidden multipliers the distribution cannot be restored cell by cell, but its mean is known.
        """
        assert self.planted is not None
        hidden = (1.0 + self.planted.spread()) * (1.0 + float(self.planted.day_covariance(1)[0])) - 1.0
        reach = 1.0 + _ROOM * hidden**0.5
        room = (factor * reach <= shifting.most) & (factor >= shifting.least * reach)
        return np.where(room, values / np.where(room & (factor > 0), factor, 1.0) / case.mean - 1.0, np.nan)

    @property
    def hidden(self) -> bool:
        """Whether a hidden multiplier acts on the values."""
        return self.planted is not None and bool(self.planted.unobserved)

    @property
    def logarithmic(self) -> bool:
        """Whether factors are estimated from means of logarithms."""
        return all(case.logarithmic and not (self.hidden and case.shifting is not None) for case in self.cases)

    def _plain(self, case: DistributionCase, bare: Floats, places: Floats) -> Floats:
        """The distance from the centre: of the value itself under hidden multipliers, else of the value at its
        quantile.
        """
        if not self.known:
            return places
        values = bare if self.hidden else case.at(places)
        if case.logarithmic:
            return np.log(np.maximum(values, 1e-12)) - case.centre
        return values / case.centre - 1.0 if case.centre else values

    def _places(self, codes: Ints, places: Floats) -> Floats:
        place = np.minimum((places * PLACES).astype(np.int64), PLACES - 1)
        cells = np.bincount(codes * PLACES + place, minlength=len(self.cases) * PLACES)
        return cells.reshape(len(self.cases), PLACES).astype(np.float64)

    def _bins(self, codes: Ints, places: Floats) -> Floats:
        """Rows by value, without multipliers, for the chart."""
        total = np.zeros(len(self.drawn.edges) - 1)
        for number, case in enumerate(self.cases):
            values = np.clip(case.at(places[codes == number]), self.drawn.edges[0], self.drawn.edges[-1])
            total += np.histogram(values, self.drawn.edges)[0]
        return total

    def _tally(self, known: KnownFactor, rows: Rows, times: Ints | None, plain: Floats) -> ValueTally:
        """Sums by category of a factor; under hidden multipliers also the products of whole families."""
        size = len(known.factor.planted)
        assert self.planted is not None
        try:
            codes = known.codes(rows, times, self.planted.rate.grid)
        except Absent:
            codes = np.full(len(rows), -1, np.int64)
        kept = (codes >= 0) & np.isfinite(plain)
        codes, plain = codes[kept], plain[kept]
        count, total, square = (_sums(codes, w, size) for w in (np.ones(len(codes)), plain, plain * plain))
        together = np.zeros((2 * size, 2 * size))
        if self.planted.unobserved:
            whose = _family(rows)[kept]
            cells, number = whose * size + codes, (int(whose.max(initial=-1)) + 1) * size
            by_family = [_sums(cells, w, number).reshape(-1, size) for w in (plain, np.ones(len(cells)))]
            together = products(*by_family)
        return ValueTally(count, total, square, together)

    def merge(self, one: FitState, other: FitState) -> FitState:
        return one + other

    def findings(self, state: FitState | None) -> list[Finding]:
        return [*fit_findings(self, state), *value_findings(self, state)]


def _family(rows: Rows) -> Ints:
    """The number of each row's topmost ancestor in its slice."""
    top = rows
    while top.block.parent is not None:
        top = top.up()
    return np.arange(len(rows)) if top.at is None else top.at


def _sums(codes: Ints, weights: Floats, size: int) -> Floats:
    """The weights of each code, (size,)."""
    return np.bincount(codes, weights, minlength=size).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class ChartBins:
    """The bins of the chart: `edges`, on a log axis if they span much."""

    edges: Floats
    logarithmic: bool


def shape_of(cases: Sequence[DistributionCase]) -> ChartBins:
    """Bins for all cases of a column."""
    grids = [case.grid for case in cases]
    cut = max(len(grids[0]) // 1000, 1)
    low, high = min(float(g[cut]) for g in grids), max(float(g[-cut]) for g in grids)
    if not high > low:
        low, high = low - 0.5, low + 0.5
    if low > 0 and high / low > _WIDE:
        return ChartBins(np.geomspace(low, high, _BINS + 1), True)
    return ChartBins(np.linspace(low, high, _BINS + 1), False)


def fit_findings(metric: DistributionFit, state: FitState | None) -> Iterator[Finding]:
    """One finding per case; the first has the chart of all cases."""
    hidden = metric.planted is not None and bool(metric.planted.unobserved)
    weight = 1.0 / len(metric.cases)
    for number, case in enumerate(metric.cases):
        if case.mean_only:
            continue
        subject = f"{metric.subject} where {case.name}" if case.name else metric.subject
        parameter = Parameter(
            metric.table, metric.column, metric.name, subject, 1.0, group="distribution", weight=weight
        )
        places = state.places[number] if state is not None else np.zeros(1)
        total = float(places.sum())
        if total < FEWEST or hidden:
            why = "a hidden multiplier acts on the values" if hidden else f"there are {total:.0f} cells"
            yield not_identifiable(parameter, why)
            continue
        expected, reached = np.arange(1, len(places) + 1) / len(places), np.cumsum(places) / total
        most = int(np.abs(reached - expected).argmax())
        details = _chart(metric, state) if number == 0 and state is not None else None
        distance = float(abs(reached[most] - expected[most]))
        fits = close(parameter, distance, _CRITICAL / total**0.5, THRESHOLD, details)
        edge = format_value(float(case.at(expected[most : most + 1])[0]), metric.unit)
        yield where_most(fits, f"{reached[most]:.1%} are up to {edge}, planted {expected[most]:.1%}")
        yield from _tails(metric, case, places, weight)
        if len(metric.cases) > 1:
            yield _location(metric, case, places, weight)


def _tails(metric: DistributionFit, case: DistributionCase, places: Floats, weight: float) -> Iterator[Finding]:
    """The number of cells beyond the distribution's outermost quantiles. A few cells in another unit hardly change the
    whole distribution.
    """
    due, total = 1.0 / len(places), float(places.sum())
    where = f" where {case.name}" if case.name else ""
    for side, place, seen in (("below", due, places[0]), ("above", 1.0 - due, places[-1])):
        edge = float(case.at(np.array([place]))[0])
        if not _is_distinct(metric, case, edge, due):
            continue
        subject = f"share of {metric.subject}{where} {side} {format_value(edge, metric.unit)}"
        parameter = Parameter(
            metric.table, metric.column, "TailRecovery", subject, due, due, group="distribution", weight=0.5 * weight
        )
        yield compare(parameter, float(seen) / total, _tail_error(float(seen), due, total))


def _tail_error(seen: float, due: float, total: float) -> float:
    """The standard error of the share of a tail. A few cells more than expected are more frequent than a normal
    distribution says: Anscombe's variance-stabilizing transformation of a Poisson number (1948).
    """
    error = math.sqrt(due * (1.0 - due) / total)
    z = 2.0 * (math.sqrt(seen + 0.375) - math.sqrt(due * total + 0.375))
    return max(error, (seen / total - due) / z) if 0 < z <= FAR else error


def _is_distinct(metric: DistributionFit, case: DistributionCase, edge: float, due: float) -> bool:
    """Whether cells beyond this value are distinct from those on it. A rounded or clipped one may stand for more than
    the tail.
    """
    if (case.low is not None and edge <= case.low) or (case.high is not None and edge >= case.high):
        return False
    below, above = case.chance(np.array([edge - metric.steps[0], edge + metric.steps[1]])).tolist()
    return bool(above - below < due)


def _location(metric: DistributionFit, case: DistributionCase, places: Floats, weight: float) -> Finding:
    """Whether the mean quantile of a case is 1/2, which can be tested with few cells."""
    total = float(places.sum())
    mean = float((places * (np.arange(len(places)) + 0.5)).sum()) / len(places) / total
    parameter = Parameter(
        metric.table, metric.column, "CaseRecovery", f"mean place in the distribution where {case.name}", 0.5, 0.25,
        group="dependence", weight=weight,
    )  # fmt: skip
    return compare(parameter, mean, (12.0 * total) ** -0.5)


def _chart(metric: DistributionFit, state: FitState) -> dict[str, object]:
    """Values found, without multipliers, and the mixture of the distributions in the proportion of their cases."""
    edges, shares = metric.drawn.edges, np.add.reduce(state.places, axis=1)
    planted = np.zeros(len(edges) - 1)
    for case, share in zip(metric.cases, shares / max(float(shares.sum()), 1.0), strict=True):
        reach = case.chance(edges)
        reach[0], reach[-1] = 0.0, 1.0
        planted += share * np.diff(reach)
    found = state.bins / max(float(state.bins.sum()), 1.0)
    shown, axis, unit = drawn(edges, metric.unit, "log" if metric.drawn.logarithmic else "linear")
    multiplied = ", without multipliers" if metric.planted is not None and metric.planted.rate else ""
    title = f"{metric.table}.{metric.column}"
    return histogram(title, shown, found, planted, x=f"{metric.subject}{unit}{multiplied}", axis=axis)


def value_findings(metric: DistributionFit, state: FitState | None) -> Iterator[Finding]:
    """Every factor on the values of a column."""
    if state is None or metric.planted is None:
        return
    for known, tally in zip(metric.known, state.tallies, strict=True):
        place = FactorLocation(metric.table, metric.column, known.behavior)
        yield from factor_findings(place, known.factor, estimates(tally, metric.planted, metric.logarithmic))


def estimates(tally: ValueTally, planted: GroundTruth, logarithmic: bool) -> Contrast:
    """The log of the mean ratio of found to planted values in each category."""
    cells = np.maximum(tally.cells, 1.0)
    usable = tally.cells >= LEAST_EXPECTED
    mean = tally.total / cells
    variance = np.maximum(tally.square / cells - mean * mean, 1e-18)
    covariance = np.diag(variance / cells)
    if planted.unobserved:
        covariance = residual(tally.products, mean) / np.outer(cells, cells) + _daily(tally, planted)
        covariance += _few_parents(tally, planted, variance)
    slope = np.ones(len(mean))
    if not logarithmic:
        slope = 1.0 / np.maximum(1.0 + mean, 0.05)
        mean = np.log(np.maximum(1.0 + mean, 0.05))
    covariance = covariance * np.outer(slope, slope)
    ratio = np.where(usable, mean, 0.0)
    return Contrast(ratio, np.where(np.outer(usable, usable), covariance, 0.0), tally.cells, usable, tally.cells)


def _few_parents(tally: ValueTally, planted: GroundTruth, variance: Floats) -> Floats:
    """The covariance by the planted multipliers and the variance of cells, weighted by how few parents there are: the
    residuals of few parents underestimate the error, and those of one parent are 0.
    """
    size, cells = len(tally.cells), np.maximum(tally.cells, 1.0)
    alike = tally.products[size:, size:] / np.outer(cells, cells)
    weight = np.sqrt(np.diag(alike) * FEW_PARENTS / (1.0 + np.diag(alike) * FEW_PARENTS))
    found: Floats = (np.diag(variance / cells) + planted.spread(()) * alike) * np.outer(weight, weight)
    return found


def _daily(tally: ValueTally, planted: GroundTruth) -> Floats:
    """The variance that daily noise adds, as if the days of a category were a random part of a year of them."""
    variance = sum(d.sd**2 * (1.0 + d.rho) / (1.0 - d.rho) for d in planted.daily)
    days = 365.0 * tally.cells / max(float(tally.cells.sum()), 1.0)
    found: Floats = np.diag(variance / np.maximum(days, 1.0))
    return found
