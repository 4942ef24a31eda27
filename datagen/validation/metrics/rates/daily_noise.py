"""The effect of daily noise on standard errors, and its parameters, from moments of daily totals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.point_process.factors import Daily
from datagen.point_process.ground_truth import GroundTruth
from datagen.time_units import DAY
from datagen.validation.metrics.base import Finding, Verdict
from datagen.validation.metrics.rates.state import FactorSums, RateParameters, RateState
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

_LEAST_DAYS = 60
_LAGS = 400
_DROWNED = 0.03
_LEAST_NOISE = 0.03
"""The smallest standard deviation of daily noise that matters."""

Estimate = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DailyChance:
    """What changes daily numbers besides noise.

    `fano`: the variance over the mean of a day's number, 1 for a Poisson process, None if unknown. `turnover`: half the
    mean square of the relative change of the rate per day, as parents begin and leave.
    """

    fano: float | None = 1.0
    turnover: float = 0.0


POISSON = DailyChance()


def shares_by_day(metric: RateParameters, state: RateState, tally: FactorSums, codes: Ints | None) -> Floats:
    """The distribution of the expectation of each category over the days, rows of sum 1, (k, days).

    By the calendar, if `codes` (cells of the grid) are the categories; else like all events in every span.
    """
    expected = state.days[1]
    if codes is None:
        middles = (np.arange(len(expected)) + 0.5) / len(expected) * tally.spans.shape[1]
        span = np.minimum(middles.astype(np.int64), tally.spans.shape[1] - 1)
        of_span = np.bincount(span, expected, minlength=tally.spans.shape[1])
        by_day = tally.spans[:, span] * (expected / np.maximum(of_span[span], 1e-300))
    else:
        grid, calendar = metric.planted.rate.grid, metric.planted.rate.calendars[-1]
        day = grid.days - metric.window[0] // DAY
        shown = (day >= 0) & (day < len(expected))
        code, day, calendar = codes[shown], day[shown], (calendar * grid.widths)[shown]
        inside = code >= 0
        weight = np.bincount(
            (code * len(expected) + day)[inside], calendar[inside], minlength=len(tally.seen) * len(expected)
        ).reshape(len(tally.seen), len(expected))
        total = np.bincount(day, calendar, minlength=len(expected))
        by_day = weight * (expected / np.maximum(total, 1e-300))
    shares: Floats = by_day / np.maximum(np.add.reduce(by_day, axis=1, keepdims=True), 1e-300)
    return shares


def common_noise(shares: Floats, planted: GroundTruth) -> Floats:
    """The covariance, relative to the means, of sums with these shares of days under shared daily noise, (k, k)."""
    days = shares.shape[1]
    covariance = planted.day_covariance(min(days, _LAGS))
    kernel = np.concatenate([covariance[::-1], covariance[1:]])
    size = days + len(kernel)
    smooth = np.fft.irfft(np.fft.rfft(shares, size) * np.fft.rfft(kernel, size), size)
    smooth = smooth[:, len(covariance) - 1 : len(covariance) - 1 + days]
    found: Floats = shares @ smooth.T
    return (found + found.T) / 2


def daily_findings(
    table: str, daily: Sequence[Daily], days: Floats, chance: DailyChance = POISSON
) -> Iterator[Finding]:
    """Standard deviation and autocorrelation of the noise, by days observed and expected, (2, days); several
    declarations are judged as one.

    Where events are not those of a Poisson process, the noise is judged only if it is much larger than their chance.
    """
    if not daily:
        return
    sd = float(np.sqrt(np.prod([1.0 + d.sd**2 for d in daily]) - 1.0))
    rho = sum(d.rho * d.sd**2 for d in daily) / sum(d.sd**2 for d in daily)
    parts = [
        Parameter(table, None, "NoiseRecovery", "noise sd", sd, size=sd, group="time", weight=0.5),
        Parameter(table, None, "NoiseRecovery", "noise rho", rho, size=max(rho, 0.3), group="time", weight=0.5),
    ]
    random = DailyChance(1.0, chance.turnover)
    found = _moments(days, (sd, rho), random, 1e9 if chance.fano == 1.0 else _DROWNED)
    for parameter, estimate in zip(parts, found or (None, None), strict=True):
        if estimate is None:
            yield not_identifiable(parameter, "too few days, or too few events a day")
        else:
            yield compare(parameter, *estimate)


def _moments(
    days: Floats, planted: tuple[float, float], source: DailyChance, most: float
) -> tuple[Estimate, Estimate] | None:
    """Standard deviation and lag-1 correlation of the daily multiplier; None if there are too few days, or if chance
    has more than `most` times its variance.

    By mean squared differences of days 1 and some more apart, which cancel slow changes from lives and parents.
    """
    (seen, expected), (sd, rho) = days, planted
    enough = expected >= max(20.0, 0.2 * float(np.median(expected)))
    if np.count_nonzero(enough) < _LEAST_DAYS:
        return None
    expect = np.maximum(seen.sum() / expected.sum() * expected, 1e-9)
    chance = np.where(enough, (source.fano or 1.0) / expect, 1e9)
    weight = np.where(enough, (sd**2 + chance) ** -2.0, 0.0)
    middle = float((weight * chance).sum() / weight.sum())
    if middle > most * sd**2:
        return None
    far = int(np.clip(np.ceil(np.log(0.1) / np.log(max(rho, 0.01))), 3, 21))
    one, many = (_differing(seen / expect, chance, weight, lag) for lag in (1, far))
    count = float(weight.sum() ** 2 / (weight * weight).sum())
    (size, error), (correlation, error_rho) = _with_errors(
        (many / (1.0 - rho**far), one), (middle, far), (sd, rho), count
    )
    moved = far * source.turnover / sd**2  # parents that begin or leave change the mean squared difference
    return (size, float(np.hypot(error, 0.5 * sd * moved))), (correlation, float(np.hypot(error_rho, moved)))


def _differing(ratio: Floats, chance: Floats, weight: Floats, lag: int) -> float:
    """Half the mean squared difference of days at this lag, less the part of chance."""
    pairs = np.sqrt(weight[lag:] * weight[:-lag])
    square = (ratio[lag:] - ratio[:-lag]) ** 2 - chance[lag:] - chance[:-lag]
    return float(0.5 * (pairs * square).sum() / pairs.sum())


def _with_errors(
    found: tuple[float, float], how: tuple[float, int], planted: tuple[float, float], count: float
) -> tuple[Estimate, Estimate]:
    """With Bartlett's covariances of sample autocovariances, at the planted values."""
    (variance, one), (chance, far), (sd, rho) = found, how, planted
    lags = np.arange(-_LAGS, _LAGS + 1)
    noisy = sd**2 * rho ** np.abs(lags) + np.where(lags == 0, chance, 0.0)

    def both(p: int, q: int) -> float:
        return float((noisy * np.roll(noisy, q - p) + np.roll(noisy, -q) * np.roll(noisy, p)).sum() / count)

    used = (0, 1, far)
    covariance = np.array([[both(p, q) for q in used] for p in used])
    reach = 1.0 - rho**far
    by_variance = np.array([1.0, 0.0, -1.0]) / reach
    by_one = np.array([1.0, -1.0, 0.0])
    by_rho = ((1.0 - rho) * by_variance - by_one) / sd**2
    error = float(by_variance @ covariance @ by_variance) ** 0.5 / (2.0 * sd)
    error_rho = float(by_rho @ covariance @ by_rho) ** 0.5
    if variance <= 0:
        return (0.0, error), (0.0, max(error_rho, 1.0))
    correlation = max(min(1.0 - one / variance, 1.0), -1.0)
    return (variance**0.5, error), (correlation, error_rho * sd**2 / max(variance, 0.25 * sd**2))


# --- single days, years, and undeclared noise ----------------------------------------------------------------

_FAR = 6.0
_CUT, _CUT_MEAN, _STEPS = 2.0, 0.9205, 30
"""Deviations beyond so many standard deviations count as these; the mean square of a standard normal number cut so."""
_LEAST_DAY = 30.0
_NEAR_DAYS = 14
_WEEK, _SIDE = 7, 28
_WEEK_RATIO = 1.5
"""The smallest factor by which a week must deviate."""
_YEAR = 365
_PER_YEAR = 1.5
"""The factor on the standard error of one year: the noise is strongly skewed, and its moments converge slowly."""


def day_findings(
    table: str, daily: Sequence[Daily], first: int, days: Floats, chance: DailyChance = POISSON
) -> Iterator[Finding]:
    """Days with far too few or too many rows compared with those around them, and noise that differs between years.

    `days`: rows observed and expected by day from day `first` (since 1970), (2, days).
    """
    if chance.fano is None or days.shape[1] < 2 * _NEAR_DAYS:
        return
    variance = float(np.prod([1.0 + d.sd**2 for d in daily]) - 1.0)
    yield _single(table, first, days, (variance, chance.fano), _far_week(days, daily, chance))
    if daily:
        yield from year_findings(table, daily, first, days, chance)
    elif chance.fano == 1.0:
        yield from _undeclared(table, days)


def _single(table: str, first: int, days: Floats, spread: tuple[float, float], week: OutlyingWeek | None) -> Finding:
    """The day that deviates most from those around it, or the week."""
    seen, expected = days
    gaps, dues = list[Floats](), list[Floats]()
    for level in _beside(seen, expected):
        due = expected * np.nan_to_num(level)
        # the square root of a Poisson number has the variance 1/4 whatever its mean (Anscombe 1948)
        gap = 2.0 * (np.sqrt(seen + 0.375) - np.sqrt(due + 0.375)) / np.sqrt(spread[1] + due * np.log1p(spread[0]))
        far = (due >= _LEAST_DAY) & ((seen < 0.5 * due) | (seen > 2.0 * due))
        gaps.append(np.where(np.isnan(level), np.nan, np.where(far, gap, 0.0)))
        dues.append(due)
    away, due = _from_both(gaps), np.where(np.isnan(gaps[0]), dues[1], dues[0])
    usable, off = due >= _LEAST_DAY, away > _FAR
    day = int(np.argmax(away))
    message = f"no day is far from the days around it ({int(usable.sum()):,} days)"
    if off.any():
        count = int(off.sum())
        more = f", and {count - 1} days more" if count > 1 else ""
        message = (
            f"{np.datetime64(first + day, 'D')} has {seen[day]:,.0f} rows, about {due[day]:,.0f} are expected{more}"
        )
    elif week is not None:
        message = (
            f"the week from {np.datetime64(first + week.start, 'D')} has {week.seen:,.0f} rows, "
            f"about {week.due:,.0f} are expected"
        )
    failed = bool(off.any()) or week is not None
    verdict: Verdict = "fail" if failed else "pass" if usable.any() else "not applicable"
    score = None if verdict == "not applicable" else 0.5 if failed else 1.0
    return Finding(
        "time", "SingleDays", table, None, verdict, message, score=score, weight=1.0 if score is not None else 0.0
    )


@dataclass(frozen=True, slots=True)
class OutlyingWeek:
    """A week that deviates from the weeks before and after it: the position of its first day, its rows, and those that
    are due.
    """

    start: int
    seen: float
    due: float


def _far_week(days: Floats, daily: Sequence[Daily], chance: DailyChance) -> OutlyingWeek | None:
    """The week that deviates most from the four weeks before it and from those after it; at the window's ends from
    those on one side.
    """
    size, fano = days.shape[1], chance.fano or 1.0
    sums = np.concatenate([np.zeros((2, 1)), np.cumsum(days, axis=1)], axis=1)
    start = np.arange(size - _WEEK + 1)
    stop = start + _WEEK
    seen, expected = sums[:, stop] - sums[:, start]
    noise = sum(d.sd**2 * _week_share(d.rho) for d in daily) + 2.0 * _SIDE * chance.turnover
    gaps, dues = list[Floats](), list[Floats]()
    for low, high in ((np.maximum(start - _SIDE, 0), start), (stop, np.minimum(stop + _SIDE, size))):
        there, planned = sums[:, high] - sums[:, low]
        known = (high - low >= _NEAR_DAYS) & (planned > 0)
        due = expected * np.divide(there, planned, out=np.zeros(len(start)), where=known)
        spread = fano * (1.0 + due / np.maximum(there, 1.0)) + due * np.log1p(1.5 * noise)
        gap = 2.0 * (np.sqrt(seen + 0.375) - np.sqrt(due + 0.375)) / np.sqrt(spread)
        far = (due >= _WEEK * _LEAST_DAY) & ((seen < due / _WEEK_RATIO) | (seen > due * _WEEK_RATIO))
        gaps.append(np.where(known, np.where(far, gap, 0.0), np.nan))
        dues.append(due)
    away = _from_both(gaps)
    most = int(np.argmax(away))
    due = dues[0 if np.isfinite(gaps[0][most]) else 1][most]
    return OutlyingWeek(most, float(seen[most]), float(due)) if away[most] > _FAR else None


def _from_both(gaps: Sequence[Floats]) -> Floats:
    """The smaller of two distances in the same direction; 0 where they differ in it, as where the rate changes for
    good. NaN: a distance is unknown, and the other one counts.
    """
    before, after = (np.where(np.isnan(one), other, one) for one, other in (gaps, gaps[::-1]))
    smaller = np.minimum(np.abs(before), np.abs(after))
    found: Floats = np.where(before * after > 0, smaller, 0.0)
    return found


def _beside(seen: Floats, expected: Floats) -> Iterator[Floats]:
    """The median ratio of seen to expected in the two weeks before each day, and after it; NaN for less than a week."""
    ratio = np.where(expected > 0, seen / np.maximum(expected, 1e-9), np.nan)
    padded = np.pad(ratio, _NEAR_DAYS, constant_values=np.nan)
    near = np.lib.stride_tricks.sliding_window_view(padded, _NEAR_DAYS)
    for side in (near[: len(seen)], near[-len(seen) :]):
        ordered = np.sort(side, axis=1)  # NaN last
        count = np.isfinite(side).sum(axis=1)
        level = ordered[np.arange(len(ordered)), np.maximum(count - 1, 0) // 2]
        yield np.where(count >= _WEEK, level, np.nan)


def _week_share(rho: float) -> float:
    """The variance of the mean of a week of noise with this correlation from day to day, over that of a day."""
    return (1.0 + sum(2.0 * (1.0 - lag / _WEEK) * rho**lag for lag in range(1, _WEEK))) / _WEEK


def _around(seen: Floats, expected: Floats) -> Floats:
    """The ratio of seen to expected in the weeks around each day, that day left out, (days,)."""
    ratio = np.where(expected > 0, seen / np.maximum(expected, 1e-9), np.nan)
    padded = np.pad(ratio, _NEAR_DAYS, constant_values=np.nan)
    near = np.lib.stride_tricks.sliding_window_view(padded, 2 * _NEAR_DAYS + 1)
    known = np.where(np.isnan(near), np.inf, near)
    known[:, _NEAR_DAYS] = np.inf
    ordered = np.sort(known, axis=1)
    count = np.isfinite(known).sum(axis=1)
    level: Floats = ordered[np.arange(len(ordered)), np.maximum(count - 1, 0) // 2]
    return np.where(np.isfinite(level), level, 0.0)


def year_findings(
    table: str, daily: Sequence[Daily], first: int, days: Floats, chance: DailyChance = POISSON
) -> Iterator[Finding]:
    """The standard deviation of noise in each year of the window, if it is longer than a year."""
    size = days.shape[1]
    sd = float(np.sqrt(np.prod([1.0 + d.sd**2 for d in daily]) - 1.0))
    rho = sum(d.rho * d.sd**2 for d in daily) / sum(d.sd**2 for d in daily)
    for start in range(0, size - _YEAR // 2, _YEAR) if size >= 1.4 * _YEAR else ():
        stop = size if size - start < 1.5 * _YEAR else start + _YEAR
        subject = f"noise sd from {np.datetime64(first + start, 'D')}"
        parameter = Parameter(table, None, "NoiseRecovery", subject, sd, size=sd, group="time", weight=0.5)
        found = _moments(days[:, start:stop], (sd, rho), chance, 1.0)
        if found is not None:
            yield compare(parameter, found[0][0], _PER_YEAR * found[0][1])
        if stop == size:
            return


def _undeclared(table: str, days: Floats) -> Iterator[Finding]:
    """Whether the variance between days is that of chance, by squared differences of successive days (von Neumann
    1941).

    A few parents may have much of the rate. So chance is that of the weeks around, and days on which one of them begins
    or leaves have little weight.
    """
    seen, expected = days
    level = _around(seen, expected)
    enough = expected * level >= 20.0
    pairs = enough[1:] & enough[:-1]
    count = int(np.count_nonzero(pairs))
    if count < _LEAST_DAYS:
        return
    inverse = 1.0 / np.maximum(expected, 1e-9)
    chance = 0.5 * (level[1:] + level[:-1]) * (inverse[1:] + inverse[:-1])
    variance = _scale(np.diff(seen * inverse)[pairs] ** 2 / chance[pairs])
    z = (variance - 1.0) / (3.0 / count) ** 0.5
    excess = (variance - 1.0) / float((expected * level)[enough].mean())
    good = abs(z) <= _FAR or (abs(excess) <= _LEAST_NOISE**2 and variance > 0.5)
    message = f"the variance between successive days is {variance:.2f} times that of chance (z {z:.1f})"
    yield Finding(
        "time", "DayToDayVariance", table, None, "pass" if good else "fail", message, score=1.0 if good else 0.5, z=z,
        statistic=variance, threshold=1.0,
    )  # fmt: skip


def _scale(squares: Floats) -> float:
    """The variance of normal deviations with these squares, robust against a few outliers: Huber's proposal 2 (1964),
    by iteration.
    """
    variance = float(squares.mean())
    for _ in range(_STEPS if variance > 0 else 0):
        variance *= float(np.minimum(squares / variance, _CUT**2).mean()) / _CUT_MEAN
    return variance
