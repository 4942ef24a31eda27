"""Rates per day: weekdays, months, holidays, trend and changes, fitted together by a log-linear quasi-Poisson model.

The model is that of McCullagh and Nelder (1989): log of the daily count = log of the exposure + terms; deviances are
divided by a dispersion that also covers noise that lasts for days. Terms come in one by one, the one that explains most
first; a change of level is the interval of days of the largest score statistic (circular binary segmentation, Olshen
and others 2004).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations, permutations

import numpy as np
from numpy.typing import NDArray

from datagen.interop.infer.holiday_fit import LevelChange, holiday_columns

Numbers = NDArray[np.float64]
Days = NDArray[np.int64]
"""Days since 1970."""

SURE = 4.0
"""Normal quantile that a term's deviance must exceed: by chance, one term of 30,000."""
SURE_CHANGE = 6.0
"""The same for a change of level, of which many places are tried."""
LEAST_YEAR = 360
"""Days from which on months have weights of their own."""
_FEWEST_EVENTS, _FEWEST_DAYS, _TWO_YEARS, _HALF_YEAR = 200, 28, 729, 180
_SHORTEST, _MOST_EDGES, _MOST_CHANGES, _MOST_KINKS, _ROUNDS = 3, 240, 8, 2, 3
_TRIED = 8
"""The most rearrangements of changes that are fitted; those that look best."""
_LEAST_EFFECT = 0.12
"""Logarithm of the smallest change of level, and change of growth per year, that is kept."""
_NO_CHANCE = 20.0
"""Expected events on days without any at the window's ends, from which on nothing happens there."""
_AS_NEAR = 10.0
"""Deviance over dispersion by which a simpler description may be worse."""
_YEAR = 365.25


@dataclass(frozen=True, slots=True)
class Terms:
    """What a model has: holidays of a `country`, days of `changes`, and the days from which the growth is another
    (`kinks`; 0 is the trend).
    """

    weekday: bool = False
    month: bool = False
    country: str = ""
    kinks: tuple[int, ...] = ()
    changes: tuple[LevelChange, ...] = ()


@dataclass(frozen=True, slots=True)
class CalendarFit:
    """A fitted calendar: rate of day d = `base` x `daily[d]`. Weights have mean 1; `growth` is that per year from each
    day of `terms.kinks` on; `effects` are the multipliers of `terms.changes`, `holiday` is that of holidays.
    """

    base: float
    daily: Numbers
    terms: Terms
    weekday: tuple[float, ...] = ()
    month: tuple[float, ...] = ()
    growth: tuple[float, ...] = ()
    effects: tuple[float, ...] = ()
    holiday: float = 1.0


@dataclass
class DailyCounts:
    """Counts of events per day, shape (days,), with their exposure in the same shape; `first` is the first day."""

    counts: Numbers
    exposure: Numbers
    first: int
    used: NDArray[np.bool_] = field(init=False)

    def __post_init__(self) -> None:
        self.used = self.exposure > 0
        if len(self.counts) > _FEWEST_DAYS:  # the first and the last day may be there in part
            self.used[[0, -1]] = False

    @property
    def days(self) -> Days:
        return self.first + np.arange(len(self.counts), dtype=np.int64)


def fit_calendar(daily: DailyCounts) -> CalendarFit:
    """The calendar of daily counts, with the terms that are beyond chance."""
    n = len(daily.counts)
    begin, end = _observed(daily)
    if (begin, end) != (0, n):
        observed = DailyCounts(daily.counts[begin:end], daily.exposure[begin:end], daily.first + begin)
        return _padded(fit_calendar(observed), begin, n - end)
    if daily.counts.sum() < _FEWEST_EVENTS or n < _FEWEST_DAYS:
        total = float(daily.exposure.sum())
        return CalendarFit(float(daily.counts.sum()) / total if total > 0 else 0.0, np.ones(n), Terms())
    models = [_exchanged(daily, _pruned(daily, _grown(daily, _Model.of(daily, start)))) for start in _starts(n)]
    scale = min(model.scale() for model in models)
    return _described(daily, min(models, key=lambda model: model.deviance / scale + _cost(model.terms, n)))


def _starts(n: int) -> list[Terms]:
    """The terms from which models of `n` days grow. In less than two years, they have months or growth, not both."""
    if n >= _TWO_YEARS:
        return [Terms(), Terms(weekday=True, month=True, kinks=(0,))]
    smooth = [Terms(weekday=True, month=True), Terms(weekday=True, kinks=(0,))]
    return [Terms(), *smooth] if n >= LEAST_YEAR else [Terms()]


def _grown(daily: DailyCounts, model: _Model) -> _Model:
    """The model with one term after the other, as long as they are beyond chance."""
    for _ in range(4 + _MOST_KINKS + _MOST_CHANGES):
        gain, terms = max(_candidates(daily, model), key=lambda one: one[0], default=(0.0, model.terms))
        if gain <= 0:
            break
        model = _untangled(daily, _moved(daily, _Model.of(daily, terms)))
    return model


def _untangled(daily: DailyCounts, model: _Model) -> _Model:
    """The model with changes that do not overlap in part, where that is as near: a rise and a later fall are two
    changes, and no rise until the fall with a fall from its end on.
    """
    changes = tuple(_from_then_on(change, len(daily.counts)) for change in model.terms.changes)
    for one, other in permutations(changes, 2):
        if one.start < other.start < one.stop < other.stop:
            rest = _but(_but(changes, one), other)
            apart = LevelChange(one.start, other.start), LevelChange(one.stop, other.stop)
            found = _Model.of(daily, replace(model.terms, changes=(*rest, *apart)))
            if found.deviance < model.deviance + _AS_NEAR * model.scale():
                return _moved(daily, found)
    return model


def _from_then_on(change: LevelChange, n: int) -> LevelChange:
    """An own level until a day as another one from that day on."""
    return LevelChange(change.stop, n) if change.start <= 2 and change.stop < n - 2 else change


def _moved(daily: DailyCounts, model: _Model) -> _Model:
    """The model with each change of level at the best days, given the other terms."""
    for _ in range(_ROUNDS):
        before = model.deviance
        for change in model.terms.changes:
            others = replace(model.terms, changes=_but(model.terms.changes, change))
            found = _best_interval(daily, _Model.of(daily, others))
            if found is None:
                continue
            other = _Model.of(daily, replace(others, changes=(*others.changes, found)))
            model = other if other.deviance < model.deviance else model
        if model.deviance > before - 1e-6:
            break
    return model


def _cost(terms: Terms, days: int) -> float:
    """What the terms of a model of so many days must gain together."""
    smooth = 6 * terms.weekday, *(1 for _ in terms.kinks)
    months = _threshold(11, _sure_of_months(days)) if terms.month else 0.0
    changes = (len(terms.changes) + bool(terms.country)) * _threshold(1, SURE_CHANGE)
    return months + sum(_threshold(one, SURE) for one in smooth if one) + changes


def _sure_of_months(days: int) -> float:
    """In less than two years each month is there once, and months follow any other slow change."""
    return SURE if days >= _TWO_YEARS else SURE_CHANGE


def _observed(daily: DailyCounts) -> tuple[int, int]:
    """The days from the first to the last event, where it is beyond chance that there are none before and after."""
    days, n = np.flatnonzero(daily.counts), len(daily.counts)
    if len(days) == 0 or days[-1] - days[0] < _FEWEST_DAYS:
        return 0, n
    begin, end = int(days[0]), int(days[-1]) + 1
    rate = daily.counts.sum() / max(float(daily.exposure[begin:end].sum()), 1e-9)
    before, after = (rate * float(part.sum()) for part in (daily.exposure[:begin], daily.exposure[end:]))
    return begin if before > _NO_CHANCE else 0, end if after > _NO_CHANCE else n


def _padded(fit: CalendarFit, before: int, after: int) -> CalendarFit:
    """The fit of a part of the days as one of all: nothing happens before and after."""
    n = before + len(fit.daily) + after
    changes = [LevelChange(one.start + before, one.stop + before) for one in fit.terms.changes]
    outages = [LevelChange(0, before)] * (before > 0) + [LevelChange(n - after, n)] * (after > 0)
    terms = replace(fit.terms, changes=(*changes, *outages), kinks=tuple(one + before for one in fit.terms.kinks))
    daily = np.concatenate([np.zeros(before), fit.daily, np.zeros(after)])
    return replace(fit, daily=daily, terms=terms, effects=(*fit.effects, *(0.0 for _ in outages)))


@dataclass(frozen=True, slots=True)
class _Model:
    """A fit by iteratively reweighted least squares: means `mu` of each used day."""

    terms: Terms
    design: Numbers
    beta: Numbers
    mu: Numbers
    counts: Numbers
    deviance: float
    dispersion: dict[int, float]

    @classmethod
    def of(cls, daily: DailyCounts, terms: Terms) -> _Model:
        design = _design(daily, terms)[daily.used]
        counts, offset = daily.counts[daily.used], np.log(daily.exposure[daily.used])
        beta = np.zeros(design.shape[1])
        beta[0] = np.log(counts.sum() / np.exp(offset).sum())
        for _ in range(12):
            mu = np.exp(np.clip(design @ beta + offset, -30, 30))
            information = design.T @ (design * mu[:, None])
            step = np.linalg.solve(information + 1e-9 * np.eye(len(beta)), design.T @ (counts - mu))
            beta = beta + np.clip(step, -2, 2)
            if np.abs(step).max() < 1e-7:
                break
        mu = np.exp(np.clip(design @ beta + offset, -30, 30))
        logs = np.log(np.maximum(counts, 1e-9) / mu)
        deviance = float(2 * (np.where(counts > 0, counts * logs, 0) - (counts - mu)).sum())
        return cls(terms, design, beta, mu, counts, deviance, {size: _spread(counts, mu, size) for size in (1, 7, 28)})

    def scale(self, days: int = 28) -> float:
        """The dispersion of sums over so many days and fewer."""
        return max(value for size, value in self.dispersion.items() if size <= max(days, 7))

    def approximate(self, daily: DailyCounts, terms: Terms) -> float:
        """The deviance of other terms, but for a constant, by one step of the fit from here."""
        design = _design(daily, terms)[daily.used]
        weighted = design * self.mu[:, None]
        working = np.log(self.mu / daily.exposure[daily.used]) + (self.counts - self.mu) / self.mu
        information, slope = design.T @ weighted + 1e-9 * np.eye(design.shape[1]), weighted.T @ working
        return -float(slope @ np.linalg.solve(information, slope))

    def score(self, columns: Numbers) -> Numbers:
        """Rao's score statistic of each further column of the design, shape (columns,)."""
        weighted = self.design * self.mu[:, None]
        return self._statistic(
            columns.T @ (self.counts - self.mu), (columns**2).T @ self.mu, columns.T @ weighted, weighted
        )

    def score_of_intervals(self, starts: Days, stops: Days) -> Numbers:
        """Rao's score statistic of an own level in each interval of the used days, shape (intervals,)."""
        weighted = self.design * self.mu[:, None]
        slope, own, cross = (
            part[stops] - part[starts] for part in map(_running, (self.counts - self.mu, self.mu, weighted))
        )
        return self._statistic(slope, own, cross, weighted)

    def _statistic(self, slope: Numbers, own: Numbers, cross: Numbers, weighted: Numbers) -> Numbers:
        inverse = np.linalg.pinv(self.design.T @ weighted)
        information = own - ((cross @ inverse) * cross).sum(axis=1)
        return np.asarray(np.where(information > 1e-6 * own + 1e-9, slope**2 / np.maximum(information, 1e-9), 0.0))


def _running(part: Numbers) -> Numbers:
    """The sums of all rows before each one, and of all."""
    return np.concatenate([np.zeros((1, *part.shape[1:])), np.cumsum(part, axis=0)])


def _spread(counts: Numbers, mu: Numbers, size: int) -> float:
    """Variance over mean of sums over `size` days, from differences of neighbors, so that a change of level is no
    noise; by their median, so that single days do not matter. At least 1.
    """
    blocks = len(counts) // size
    if blocks < 8:
        return 1.0
    sums = (counts - mu)[: blocks * size].reshape(blocks, size).sum(axis=1)
    means = mu[: blocks * size].reshape(blocks, size).sum(axis=1)
    return max(float(np.median(np.diff(sums) ** 2 / (means[1:] + means[:-1]))) / 0.455, 1.0)


def _threshold(freedom: int, sure: float) -> float:
    """The quantile of chi-square at that of the normal distribution (Wilson and Hilferty 1931)."""
    part = 2 / (9 * freedom)
    return float(freedom * (1 - part + sure * part**0.5) ** 3)


def _design(daily: DailyCounts, terms: Terms) -> Numbers:
    """The columns of the model for every day: intercept, weekdays, months, holidays, growth, changes."""
    days = daily.days
    columns = [np.ones(len(days))]
    if terms.weekday:
        columns += [((days + 3) % 7 == k).astype(np.float64) for k in range(1, 7)]
    if terms.month:
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        columns += [(months == k).astype(np.float64) for k in range(1, 12)]
    if terms.country:
        codes, holidays = holiday_columns(daily.first, len(days))
        columns.append(holidays[:, codes.index(terms.country)])
    columns += [_hinge(len(days), kink) for kink in terms.kinks]
    columns += [_level(len(days), change) for change in terms.changes]
    return np.stack(columns, axis=1)


def _hinge(n: int, kink: int) -> Numbers:
    return np.asarray(np.maximum(np.arange(n) + 0.5 - kink, 0) / _YEAR)


def _level(n: int, change: LevelChange) -> Numbers:
    at = np.arange(n)
    return ((at >= change.start) & (at < change.stop)).astype(np.float64)


def _candidates(daily: DailyCounts, model: _Model) -> list[tuple[float, Terms]]:
    """Models with one more term, each with what it gains beyond its threshold; the dispersion is that of the larger
    model.
    """
    terms, n = model.terms, len(daily.counts)
    tried: list[tuple[Terms, int, float, int]] = []
    if not terms.weekday:
        tried.append((replace(terms, weekday=True), 6, SURE, 1))
    if not terms.month and (n >= _TWO_YEARS or (n >= LEAST_YEAR and not terms.kinks)):
        tried.append((replace(terms, month=True), 11, _sure_of_months(n), 28))
    if not terms.country and n >= _TWO_YEARS:
        tried.append((replace(terms, country=_best_country(daily, model)), 1, SURE_CHANGE, 1))
    growing = not terms.month or n >= _TWO_YEARS  # months of less than two years follow growth already
    if growing and 0 not in terms.kinks and n >= _HALF_YEAR:
        tried.append((replace(terms, kinks=(0, *terms.kinks)), 1, SURE, 28))
    elif growing and 0 in terms.kinks and len(terms.kinks) <= _MOST_KINKS and n >= 2 * _HALF_YEAR:
        kinks = tuple(sorted({*terms.kinks, _best_kink(daily, model)}))
        tried.append((replace(terms, kinks=kinks), 1, SURE_CHANGE - 1, 28))
    change = _best_interval(daily, model) if len(terms.changes) < _MOST_CHANGES else None
    if change is not None:
        tried.append((replace(terms, changes=(*terms.changes, change)), 1, SURE_CHANGE, change.stop - change.start))
    made = []
    for one, freedom, sure, days in tried:
        larger = _Model.of(daily, one)
        made.append(((model.deviance - larger.deviance) / larger.scale(days) - _threshold(freedom, sure), one))
    return made


def _best_country(daily: DailyCounts, model: _Model) -> str:
    """The country whose holidays have the largest score statistic."""
    codes, columns = holiday_columns(daily.first, len(daily.counts))
    return codes[int(np.argmax(model.score(columns[daily.used])))]


def _best_kink(daily: DailyCounts, model: _Model) -> int:
    """The day of the largest score statistic for a change of growth."""
    n = len(daily.counts)
    places = np.arange(60, n - 60, 15)
    return int(places[int(np.argmax(model.score(np.stack([_hinge(n, int(at)) for at in places], axis=1)[daily.used])))])


def _best_interval(daily: DailyCounts, model: _Model) -> LevelChange | None:
    """The interval of the largest score statistic over its dispersion: on a coarse grid, then day by day."""
    n = len(model.mu)
    stride = max(1, -(-n // _MOST_EDGES))
    edges = np.unique(np.append(np.arange(0, n, stride), n))
    starts, stops = (edges[one] for one in np.triu_indices(len(edges), 1))
    for _ in range(2):
        long = (stops - starts >= _SHORTEST) & (stops - starts < n - _SHORTEST)
        starts, stops = starts[long], stops[long]
        if len(starts) == 0:
            return None
        short, wide = model.scale(7), model.scale(28)
        gains = model.score_of_intervals(starts, stops) / np.where(stops - starts >= 28, wide, short)
        best = int(np.argmax(gains))
        near = np.arange(-stride - 1, stride + 2)
        grid = np.meshgrid(np.clip(starts[best] + near, 0, n), np.clip(stops[best] + near, 0, n))
        found = LevelChange(int(starts[best]), int(stops[best]))
        starts, stops = grid[0].ravel(), grid[1].ravel()
    days = np.flatnonzero(daily.used)
    begin, end = found
    return LevelChange(int(days[begin]) if begin else 0, int(days[end - 1]) + 1 if end < n else len(daily.counts))


def _pruned(daily: DailyCounts, model: _Model) -> _Model:
    """The model without terms that the others have made superfluous, or whose effect is small."""
    while True:
        terms = model.terms
        without = [(replace(terms, changes=_but(terms.changes, one)), SURE_CHANGE) for one in terms.changes]
        without += [(replace(terms, kinks=_but(terms.kinks, one)), SURE) for one in terms.kinks]
        parts = [(one, 1, sure, model.scale()) for one, sure in without]
        if terms.country:
            parts.append((replace(terms, country=""), 1, SURE_CHANGE, model.scale(1)))
        parts += [(replace(terms, weekday=False), 6, SURE, model.scale(1))] if terms.weekday else []
        parts += [(replace(terms, month=False), 11, SURE, model.scale())] if terms.month else []
        gains = [
            ((_Model.of(daily, one).deviance - model.deviance) / scale - _threshold(freedom, sure), one)
            for one, freedom, sure, scale in parts
        ]
        gains += [(-1.0, one) for effect, (one, _) in zip(_effects(model), without, strict=True) if effect]
        least = min(gains, key=lambda one: one[0], default=(1.0, terms))
        if least[0] >= 0:
            return model
        model = _Model.of(daily, least[1])


def _exchanged(daily: DailyCounts, model: _Model) -> _Model:
    """The model with other changes between the same days, and with growth, as long as it costs less. Terms that come in
    one by one may describe a rise and a later fall as two overlapping changes, or growth as changes.
    """
    n, scale = len(daily.counts), model.scale()

    def cost(one: _Model) -> float:
        return one.deviance / scale + _cost(one.terms, n)

    for _ in range(_ROUNDS):
        others = [replace(model.terms, changes=changes) for changes in _rearranged(model.terms.changes, n)]
        if not model.terms.kinks and n >= _TWO_YEARS:
            others += [replace(one, kinks=(0,)) for one in others]
        near = sorted(others, key=lambda one: model.approximate(daily, one) / scale + _cost(one, n))[:_TRIED]
        best = min((_Model.of(daily, one) for one in near), key=cost, default=model)
        if cost(best) >= cost(model) - 1e-6:
            break
        model = _pruned(daily, _moved(daily, best))
    return _pruned(daily, _untangled(daily, model))


def _rearranged(changes: tuple[LevelChange, ...], n: int) -> Iterator[tuple[LevelChange, ...]]:
    """The changes with two of them replaced by one, or by two that do not overlap, between days at which these or the
    `n` days begin or end.
    """
    for one, other in combinations(changes, 2):
        rest = _but(_but(changes, one), other)
        edges = sorted({0, *one, *other, n})
        intervals = [LevelChange(*edge) for edge in combinations(edges, 2) if edge != (0, n)]
        yield from ((*rest, first) for first in intervals)
        yield from ((*rest, *pair) for pair in combinations(intervals, 2) if pair[0].stop <= pair[1].start)


def _effects(model: _Model) -> list[bool]:
    """Whether each change and each kink is too small to be kept."""
    terms, beta = model.terms, model.beta
    changes = len(terms.changes)
    levels = beta[len(beta) - changes :]
    slopes = beta[len(beta) - changes - len(terms.kinks) : len(beta) - changes]
    small = [abs(float(one)) < _LEAST_EFFECT for one in levels]
    return small + [abs(float(one)) < (0.02 if kink == 0 else _LEAST_EFFECT) for kink, one in
                    zip(terms.kinks, slopes, strict=True)]  # fmt: skip


def _but(values: tuple, one: object) -> tuple:  # type: ignore[type-arg] # of any kind
    return tuple(value for value in values if value != one)


def _described(daily: DailyCounts, model: _Model) -> CalendarFit:
    """The coefficients as weights of mean 1, growth per year and multipliers."""
    terms, beta = model.terms, list(model.beta)
    base, n = float(beta.pop(0)), len(daily.counts)
    weights: list[tuple[float, ...]] = []
    for there, size in ((terms.weekday, 7), (terms.month, 12)):
        if not there:
            weights.append(())
            continue
        logs = np.array([0.0, *(beta.pop(0) for _ in range(size - 1))])
        level = float(np.exp(logs).mean())
        weights.append(tuple(float(one) for one in np.exp(logs) / level))
        base += float(np.log(level))
    holiday = float(np.exp(beta.pop(0))) if terms.country else 1.0
    slopes = np.cumsum([beta.pop(0) for _ in terms.kinks]) if terms.kinks else np.zeros(0)
    effects = [float(np.exp(one)) for one in beta]
    changes = list(terms.changes)
    for at, change in enumerate(changes):
        changes[at] = _from_then_on(change, n)
        if changes[at] != change:
            base += float(np.log(effects[at]))
            effects[at] = 1 / effects[at]
    kept = replace(terms, changes=tuple(changes))
    daily_rate = np.exp(_design(daily, terms) @ model.beta - base)
    growth = tuple(float(np.expm1(one)) for one in slopes)
    return CalendarFit(float(np.exp(base)), daily_rate, kept, weights[0], weights[1], growth, tuple(effects), holiday)
