"""Recovers hidden multipliers of values: the correlation of cells of one entity, and the noise of days.

A cell's quantile in its declared distribution, under the known multipliers, is uniform without hidden ones. A
multiplier that several cells share moves their quantiles together, so products of pairs estimate its variance. What the
declared distributions imply is computed by quadrature with the function that places cells. Quantiles are bounded: heavy
tails do no harm.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Floats, Ints, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.values import HiddenEffectsDeclaration
from datagen.point_process.factors import Daily, Spread
from datagen.point_process.ground_truth import distribution_of
from datagen.random.distributions import lognormal
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.math.elementary import exp, log1p, sqrt
from datagen.time_units import DAY
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.distribution.metric import DistributionCase, DistributionFit
from datagen.validation.metrics.rates.daily_noise import daily_findings, year_findings
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import row_uniforms, sample_rows
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

MOST_ROWS = 100_000
FEWEST = 30
"""The fewest entities, weighted by their cells."""
_SHARED, _OTHERS, _DRAWS = 64, 16, 32
_PER_OCTAVE = 8.0
_MANY = 64
"""Rows per entity above which rows are sampled instead of entities."""
_INEXACT = 0.02
"""The relative error of one variance for cells of several cases or multipliers."""
_FORGOTTEN = 0.05
_DOUBT, _ROUGH = 1.5, 0.03
"""Relative errors of the size of noise: the factor on that by the multipliers of few entities, and that of
quadrature.
"""
_COARSE = 0.02
"""The width of cells, relative to the distribution's quartiles, from which they are coarse."""


@dataclass(frozen=True, slots=True, eq=False)
class PairSums:
    """Sums over entities, and of products, of [pair products, pair sums, pairs, expected pair products], weighted: (4,)
    and (4, 4). `cells`: number of cells, sums of their variance and of what is expected of it, (3,).
    """

    sums: Floats
    products: Floats
    cells: Floats

    def __add__(self, other: PairSums) -> PairSums:
        return PairSums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))


@dataclass(frozen=True, slots=True, eq=False)
class HiddenState:
    """Pairs by the table of the entity that they share; by day the cells, the sums and the sums of squares of their
    deviations, and the deviation that noise of size 1 gives, (4, days). `uneven` is the sum over entities of the
    squared number of cells, times the squared relative variation of that deviation between entities.
    """

    pairs: Mapping[str, PairSums]
    days: Floats
    uneven: float

    def __add__(self, other: HiddenState) -> HiddenState:
        both = {**self.pairs, **other.pairs}
        both |= {name: self.pairs[name] + other.pairs[name] for name in self.pairs if name in other.pairs}
        return HiddenState(both, self.days + other.days, self.uneven + other.uneven)


@dataclass(frozen=True, slots=True, eq=False)
class QuantileMoments:
    """By class of cells: the mean quantile, its standard deviation over the shared multiplier, its variance, and the
    squared relative variation of that standard deviation over the other multipliers.
    """

    mean: Floats
    shared: Floats
    variance: Floats
    uneven: Floats


@judges(HiddenEffectsDeclaration)
@dataclass(frozen=True, eq=False)
class HiddenEffects(HiddenEffectsDeclaration):
    """The hidden multipliers of the values of a column."""

    name: ClassVar[str] = "IntraclassCorrelation"
    group: Group = "dependence"

    @cached_property
    def fit(self) -> DistributionFit:
        """The metric that places cells in their distributions."""
        return DistributionFit.of(self)

    @cached_property
    def spreads(self) -> Mapping[str, list[tuple[InverseCdfTable, bool]]]:
        """The distributions of the multipliers that entities keep, and whether they also act on the number of rows, by
        the table of the entity.
        """
        found: dict[str, list[tuple[InverseCdfTable, bool]]] = {}
        for table, unobserved in self.planted.unobserved if self.planted else ():
            if isinstance(unobserved, Spread) and self.planted:
                crowds = unobserved.key in self.planted.crowding
                found.setdefault(table, []).append((distribution_of(unobserved), crowds))
        return found

    @property
    def daily(self) -> Sequence[Daily]:
        return self.planted.daily if self.planted else ()

    @cached_property
    def first(self) -> int:
        """The first day, since 1970."""
        return int(self.planted.rate.grid.days[0]) if self.daily and self.planted else 0

    def observe(self, part: Slice) -> HiddenState | None:
        block = part.block(self.table)
        levels = () if block is None else tuple(one.table for one in block.lineage() if one.table in self.spreads)
        if block is None or not len(block) or len(levels) < len(self.spreads):
            return None
        return _SliceObservation(self, self._sampled(block, levels), levels).state()

    def _sampled(self, block: Block, levels: tuple[str, ...]) -> Rows:
        """A part of a large table: whole entities, or rows if entities have many."""
        rows, share = Rows(block), MOST_ROWS / max(self.size(), len(block))
        if share >= 1.0:
            return rows
        above = rows.above(levels[-1]) if levels else rows
        if not levels or len(block) > _MANY * len(above.block):
            return Rows(block, sample_rows(block.ids, share, "hidden"))
        return Rows(block, np.flatnonzero(row_uniforms(above.ids, "hidden") < share))

    def merge(self, one: HiddenState, other: HiddenState) -> HiddenState:
        return one + other

    def findings(self, state: HiddenState | None) -> list[Finding]:
        found = [self._alike(table, state) for table in self.spreads if table != self.table]
        return [*found, *self._noise(state)]

    def _alike(self, table: str, state: HiddenState | None) -> Finding:
        """The correlation of the cells of one entity."""
        subject = f"correlation of {self.subject} of one row of '{table}'"
        parameter = Parameter(self.table, self.column, self.name, subject, 0.0, group=self.group)
        pairs = state.pairs.get(table) if state is not None else None
        if pairs is None or not pairs.sums[3] > 0:
            return not_identifiable(
                parameter, "there are no pairs of cells, or the multiplier cannot be told apart from the distribution"
            )
        product, total, number, expected = pairs.sums.tolist()
        centre = total / number
        away = np.array([0.0, 1.0, -centre, 0.0])
        ratio = (product - total * centre + float(away @ pairs.products @ away) / number) / expected
        slope = np.array([1.0, -2.0 * centre, centre * centre, -ratio])
        entities = expected**2 / float(pairs.products[3, 3])
        if entities < FEWEST:
            return not_identifiable(parameter, f"there are {entities:.0f} rows of '{table}' with several cells")
        error = max(float(slope @ pairs.products @ slope) / expected**2, 2.0 / entities) ** 0.5
        planted = expected / number / (pairs.cells[2] / pairs.cells[0])
        scale = planted * float(pairs.cells[2] / max(float(pairs.cells[1]), 1e-9))
        parameter = replace(parameter, planted=planted, size=max(planted, 0.02))
        return compare(parameter, ratio * scale, float(np.hypot(error, _INEXACT)) * scale)

    def _noise(self, state: HiddenState | None) -> Iterator[Finding]:
        """The noise of days, as a whole and by year, from the mean deviation of each day."""
        if not self.daily:
            return
        days, doubt = np.zeros((2, 1)), 0.0
        if state is not None and state.days.any():
            days, doubt = (
                _as_counts(state.days),
                float(np.hypot(_DOUBT * state.uneven**0.5 / state.days[0].sum(), _ROUGH)),
            )
        found = [
            *daily_findings(self.table, self.daily, days),
            *year_findings(self.table, self.daily, self.first, days),
        ]
        for one in found:
            one = replace(one, column=self.column, subject=f"{one.subject} of {self.subject}")
            if doubt and one.subject.startswith("noise sd") and one.planted and one.found is not None and one.error:
                size, error = one.planted, float(np.hypot(one.error, doubt * one.planted))
                parameter = Parameter(
                    self.table, self.column, one.measure, one.subject, size, size, group=one.group, weight=0.5
                )
                one = compare(parameter, one.found, error)
            yield one


def _as_counts(days: Floats) -> Floats:
    """Counts of a Poisson process with the same relative deviations and the same errors, seen and expected, (2,
    days).
    """
    number, total, square, signal = days
    some = number > 0
    freedom = max(float(number.sum()) - float(some.sum()), 1.0)
    chance = max(float(square.sum() - (total[some] ** 2 / number[some]).sum()) / freedom, 1e-9)
    expected = signal**2 / np.maximum(number * chance, 1e-9)
    return np.stack([expected * (1.0 + total / np.where(signal > 0, signal, 1.0)), expected])


class _SliceObservation:
    """The observation of the rows of one slice; `levels` are the tables of entities with a multiplier, lowest first."""

    def __init__(self, metric: HiddenEffects, rows: Rows, levels: tuple[str, ...]) -> None:
        self.metric, self.levels = metric, levels
        fit = metric.fit
        cells = fit.reading(rows) if fit.reading else rows.column(fit.column)
        kept, self.case, values = fit.cells_of(rows, cells)
        self.rows, self.times = rows.take(kept), moments(rows)
        self.times = None if self.times is None else self.times[kept]
        known = fit.planted is not None and bool(fit.planted.rate)
        self.factor = fit.planted.at(self.rows, self.times) if fit.planted and known else np.ones(len(kept))
        drawn = row_uniforms(self.rows.ids, f"hidden effects of {fit.column}")
        self.places = np.zeros(len(kept))
        for number, case in enumerate(fit.cases):
            at = np.flatnonzero(self.case == number)
            self.places[at] = fit.placed(case, (values[at], self.factor[at]), drawn[at], None)[0]
        level = np.rint(np.log2(np.maximum(self.factor, 2.0**-30)) * _PER_OCTAVE) / _PER_OCTAVE
        moved = np.array([_by_factor(case, sum(fit.steps)) for case in fit.cases])[self.case]
        pairs = np.stack([self.case.astype(np.float64), np.where(moved & (self.factor > 0), level, 0.0)])
        self.classes, code = np.unique(pairs, axis=1, return_inverse=True)
        self.code = code.reshape(-1)

    def state(self) -> HiddenState:
        pairs = {}
        for number, table in enumerate(self.levels):
            lower = self.levels[number - 1] if number and self.levels[number - 1] != self.metric.table else None
            if table != self.metric.table and not (lower and self.metric.daily) and len(self.rows):
                pairs[table] = self._pairs(table, lower)
        days, uneven = self._days() if self.metric.daily else (np.zeros((4, 1)), 0.0)
        return HiddenState(pairs, days, uneven)

    def _entity(self, table: str) -> Ints:
        above = self.rows.above(table)
        return np.arange(len(above), dtype=np.int64) if above.at is None else above.at

    def _pairs(self, table: str, lower: str | None) -> PairSums:
        """Pairs of cells that share an entity, but neither a lower one nor noise."""
        entity, size = self._entity(table), len(self.rows.above(table).block)
        if lower is not None:
            apart = self._entity(lower)
        elif self.metric.daily and self.times is not None:
            rho = max(one.rho for one in self.metric.daily)
            length = int(np.ceil(np.log(_FORGOTTEN) / np.log(rho))) if rho > _FORGOTTEN else 1
            apart = self.times // (length * DAY)
        else:
            apart = np.arange(len(entity), dtype=np.int64)
        sharing = self.levels[self.levels.index(table) :]
        expected = self._expected(sharing)
        mean, shared, variance = (one[self.code] for one in (expected.mean, expected.shared, expected.variance))
        alike = float((shared**2).sum() / max(float(variance.sum()), 1e-12))
        if any(crowds for one in sharing for _, crowds in self.metric.spreads[one]):
            expected = self._expected(sharing, crowding=_Crowding.of(np.bincount(entity, minlength=size), alike))
            mean, shared, variance = (one[self.code] for one in (expected.mean, expected.shared, expected.variance))
        away = self.places - mean
        together, block = np.unique(np.stack([entity, apart]), axis=1, return_inverse=True)
        at, owner = block.reshape(-1), together[0]
        sums = [np.bincount(entity, one, minlength=size) for one in (away, np.ones(len(away)), shared)]
        parts = [np.bincount(at, one, minlength=len(owner)) for one in (away, np.ones(len(away)), shared)]

        def products(one: int, other: int) -> Floats:
            inner = np.bincount(owner, parts[one] * parts[other], minlength=size).astype(np.float64)
            found: Floats = sums[one] * sums[other] - inner
            return found

        weight = (1.0 + np.maximum(sums[1] - 1.0, 0.0) * alike) ** -2.0
        terms = np.stack([products(0, 0), products(0, 1), products(1, 1), products(2, 2)]) * weight
        cells = np.array([len(away), float((away**2).sum()), float(variance.sum())])
        return PairSums(np.add.reduce(terms, axis=1), terms @ terms.T, cells)

    def _days(self) -> tuple[Floats, float]:
        """Sums by day, and how uneven entities are.

        The part of entities is removed by quasi-demeaning (Fuller and Battese 1974), after which cells of one entity
        are uncorrelated.
        """
        days = self.metric.planted.rate.grid.days if self.metric.planted else np.zeros(1, np.int64)
        number = int(days[-1]) - self.metric.first + 1
        if self.times is None or not len(self.rows):
            return np.zeros((4, number)), 0.0
        day = np.clip(self.times // DAY - self.metric.first, 0, number - 1)
        noise = self._expected((), daily=True)
        away, signal = self.places - noise.mean[self.code], noise.shared[self.code] / _size(self.metric.daily)
        for table in self.levels:
            if table != self.metric.table:
                away, signal = self._demeaned(table, day, (away, signal))
        rows = [np.bincount(day, one, minlength=number) for one in (np.ones(len(day)), away, away**2, signal)]
        cells = np.bincount(self._entity(self.levels[-1])).astype(np.float64) if self.levels else np.zeros(1)
        return np.stack(rows), float((cells * cells).sum() * noise.uneven[self.code].mean())

    def _demeaned(self, table: str, day: Ints, cells: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
        """The deviations without the part of the entities of `table`, and the remaining noise."""
        away, signal = cells
        entity = self._entity(table)
        expected = self._expected(self.levels[self.levels.index(table) :])
        alike = float(np.mean(expected.shared[self.code] ** 2) / np.mean(expected.variance[self.code]))
        size = np.bincount(entity).astype(np.float64)
        share = 1.0 - ((1.0 - alike) / (1.0 + (size - 1.0) * alike)) ** 0.5
        mean = np.bincount(entity, away) / np.maximum(size, 1.0)
        _, together, count = np.unique(np.stack([entity, day]), axis=1, return_inverse=True, return_counts=True)
        left = 1.0 - share[entity] * count[together.reshape(-1)] / size[entity]
        return away - (share * mean)[entity], signal * left

    def _expected(
        self, sharing: tuple[str, ...], *, daily: bool = False, crowding: _Crowding | None = None
    ) -> QuantileMoments:
        """Moments of quantiles by class, if cells share the multipliers of these tables, or of the day. With `crowding`
        multipliers that also act on the number of rows are as frequent as they are among cells, or pairs of cells.
        """
        spreads = self.metric.spreads
        noise = [(_distribution(one), False) for one in self.metric.daily]
        mine = [one for table in sharing for one in spreads[table]] + (noise if daily else [])
        rest = [one for table in spreads if table not in sharing for one in spreads[table]] + ([] if daily else noise)
        number = _SHARED if len(mine) < 2 else 8 * _SHARED
        shared, others = _levels(mine, number), _levels(rest, _OTHERS if len(rest) < 2 else 4 * _OTHERS)
        crowded = _levels(mine, number, crowding_only=True)
        weights = crowding.weights(crowded) if crowding is not None else np.ones((2, len(shared)))
        weights = weights / np.add.reduce(weights, axis=1, keepdims=True)
        found = [
            self._moments(int(case), 2.0**level, (shared, others), weights) for case, level in self.classes.T.tolist()
        ]
        return QuantileMoments(*np.array(found).reshape(-1, 4).T)

    def _moments(self, number: int, factor: float, levels: tuple[Floats, Floats], weights: Floats) -> tuple[float, ...]:
        """`weights` of the shared levels among cells and among pairs of cells, (2, shared)."""
        shared, others = levels
        fit = self.metric.fit
        case, chance = fit.cases[number], (np.arange(_DRAWS) + 0.5) / _DRAWS
        hidden = (shared[:, np.newaxis] * others).ravel()
        values = _values(case, np.tile(chance, len(hidden)), np.repeat(hidden, _DRAWS) * factor)
        width = fit.steps[0] + fit.steps[1]
        values = np.rint(values / width) * width if width > 0 else values
        halves = np.full(len(values), 0.5)
        places = fit.placed(case, (values, np.full(len(values), factor)), halves, None)[0]
        by_both = places.reshape(len(shared), len(others), _DRAWS).mean(axis=2)
        mean = by_both.mean(axis=1)
        centre, slopes = float(weights[0] @ mean), by_both.std(axis=0)
        uneven = float(slopes.var() / max(float(slopes.mean()) ** 2, 1e-12))
        among_pairs = float(weights[1] @ (mean - weights[1] @ mean) ** 2)
        variance = float(weights[0] @ ((places - centre) ** 2).reshape(len(shared), -1).mean(axis=1))
        return centre, among_pairs**0.5, variance, uneven


def _by_factor(case: DistributionCase, width: float) -> bool:
    """Whether known multipliers change how hidden ones act: the distribution has bounds, or cells are coarse."""
    low, high = case.at(np.array([0.25, 0.75])).tolist()
    return case.shifting is not None or width > _COARSE * (high - low)


def _values(case: DistributionCase, chance: Floats, factor: Floats) -> Floats:
    """The values at these quantiles of the distribution under these multipliers, within its range."""
    if case.shifting is not None and case.shifting.tilts:
        power = np.maximum(case.shifting.at(factor), 1e-12)
        return case.at(chance ** (1.0 / power))
    scale = factor if case.shifting is None else case.shifting.at(factor)
    low, high = -np.inf if case.low is None else case.low, np.inf if case.high is None else case.high
    found: Floats = np.clip(case.at(chance) * scale, low, high)
    return found


def _distribution(daily: Daily) -> InverseCdfTable:
    """The distribution of the multiplier of a day."""
    variance = log1p(daily.sd * daily.sd)
    return lognormal(exp(-variance / 2.0), sqrt(variance))


def _size(daily: Sequence[Daily]) -> float:
    """The standard deviation of the product of the noises."""
    return float((np.prod([1.0 + one.sd**2 for one in daily]) - 1.0) ** 0.5)


def _levels(
    distributions: Sequence[tuple[InverseCdfTable, bool]], number: int, *, crowding_only: bool = False
) -> Floats:
    """Equally likely values of the product of distributions (1 of none), (number,); of those that act on the number of
    rows, at the same places, with `crowding_only`.
    """
    if not distributions:
        return np.ones(1)
    found = np.ones(number)
    places = np.arange(number)
    for distribution, crowds in distributions:
        if crowds or not crowding_only:
            found = found * distribution.at(((places + 0.5) / number * 2.0**64).astype(np.uint64))
        places = np.argsort(places * 0.6180339887498949 % 1.0)
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Crowding:
    """The mean and the relative variance, without chance, of the number of cells of an entity; the correlation of its
    cells, which decides the weight of its pairs.
    """

    mean: float
    spread: float
    alike: float

    @classmethod
    def of(cls, cells: Ints, alike: float) -> _Crowding:
        mean = max(float(cells.mean()), 1e-9)
        return cls(mean, (float(cells.var()) - mean) / mean**2, alike)

    def weights(self, multipliers: Floats) -> Floats:
        """How often a multiplier occurs among cells, and among weighted pairs, relative to entities, (2, n).

        What else varies between entities has about a gamma distribution.
        """
        rest = (1.0 + self.spread) / (1.0 + float(multipliers.var())) - 1.0
        other = _levels([(distribution_of(Spread(rest)), False)], _OTHERS) if rest > _ROUGH else np.ones(1)
        expected = multipliers[:, np.newaxis] * (self.mean * other)
        pairs = (expected / (1.0 + (expected + 1.0) * self.alike)) ** 2
        return np.stack([multipliers, pairs.mean(axis=1)])
