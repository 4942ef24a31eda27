"""Time profiles of events: exposure, rate, dispersion between parents, weights of weekdays, hours and
months, growth.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.interop.infer.distributions import Json, rounded
from datagen.time_units import DAY, HOUR, MONTH_HOURS, YEAR_HOURS

Times = NDArray[np.int64]
"""Microseconds since 1970."""
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_SURE = 4.0
"""Standard errors that a weight must be away from even before it is written down."""


def seasonality(times: Times, births: Times, window: tuple[int, int], *, with_hours: bool) -> Json | None:
    """Weights of the calendar that differ from even; months only where the window has two years or more.

    Months are counted over the time that parents are there, so that a growing number of parents is no season.
    """
    made: Json = {}
    days = times // DAY
    made |= _weights("weekday", (days + 3) % 7, _WEEKDAYS, len(times))
    if with_hours:
        hours = np.bincount((times % DAY) // HOUR, minlength=24)
        if _uneven(hours):
            made["hour"] = [rounded(24 * count / len(times), 2) for count in hours]
    if window[1] - window[0] >= 2 * YEAR_HOURS * HOUR * 0.99:
        made |= _months(times, births, window)
    return {"type": "seasonality", **made} if made else None


def _months(times: Times, births: Times, window: tuple[int, int]) -> Json:
    """The rate of each month of the year over the mean of all, where they differ by more than chance."""
    starts = np.arange(_month(window[0]), _month(window[1]) + 1)
    edges = starts.astype("datetime64[M]").astype("datetime64[us]").astype(np.int64)
    edges = np.clip(np.append(edges, window[1]), window[0], window[1])
    born = np.sort(np.maximum(births, window[0]))
    until = np.concatenate([[0.0], np.cumsum(born.astype(np.float64))])
    known = np.searchsorted(born, edges)
    there = np.diff(edges * known - until[known])
    exposed = np.bincount(starts % 12, weights=there, minlength=12)
    counts = np.bincount(times.astype("datetime64[us]").astype("datetime64[M]").astype(np.int64) % 12, minlength=12)
    rates = counts / np.maximum(exposed, 1.0) * exposed.sum() / max(len(times), 1)
    expected = counts / np.maximum(rates, 1e-9)
    if len(times) < 240 or float(((counts - expected) ** 2 / np.maximum(expected, 1)).sum()) < 11 + _SURE * 22**0.5:
        return {}
    return {"month": {name: rounded(12 * rate / rates.sum(), 2) for name, rate in zip(_MONTHS, rates, strict=True)}}


def _month(time: int) -> int:
    return int(np.datetime64(time, "us").astype("datetime64[M]").astype(np.int64))


def trend_mean(births: Times, window: tuple[int, int], growth: float) -> float:
    """The mean of (1 + growth)^years since the window's start, over the time that parents are there."""
    rate = np.log1p(growth)
    years = (np.clip(births, window[0], window[1]) - window[0]) / (YEAR_HOURS * HOUR)
    end = (window[1] - window[0]) / (YEAR_HOURS * HOUR)
    total = float((end - years).sum())
    return float(((np.exp(rate * end) - np.exp(rate * years)) / rate).sum()) / total if total > 0 else 1.0


def _weights(key: str, codes: NDArray[Any], names: tuple[str, ...], total: int) -> Json:
    counts = np.bincount(codes.astype(np.int64), minlength=len(names))
    if not _uneven(counts):
        return {}
    return {key: {name: rounded(len(names) * count / total, 2) for name, count in zip(names, counts, strict=True)}}


def _uneven(counts: NDArray[Any]) -> bool:
    """Whether counts differ by more than chance: the normal approximation of the chi-square statistic."""
    expected = counts.sum() / len(counts)
    if expected < 20:
        return False
    statistic = float(((counts - expected) ** 2).sum() / expected)
    freedom = len(counts) - 1
    return bool(statistic > freedom + _SURE * (2 * freedom) ** 0.5)


def growth_per_year(times: Times, window: tuple[int, int], exposure: tuple[float, float] = (1.0, 1.0)) -> float | None:
    """Compound growth from the two halves of the window, each over its exposure; None where it may be chance."""
    middle = (window[0] + window[1]) // 2
    first, second = int((times < middle).sum()), int((times >= middle).sum())
    years = (window[1] - window[0]) / (YEAR_HOURS * HOUR)
    if min(first, second) < 50 or min(exposure) <= 0 or years < 0.5:
        return None
    ratio = second / first * exposure[0] / exposure[1]
    if abs(np.log(ratio)) < _SURE * (1 / first + 1 / second) ** 0.5:
        return None
    return rounded(float(ratio ** (2 / years)) - 1, 3)


def exposures(births: Times, window: tuple[int, int]) -> NDArray[np.float64]:
    """Months that each parent is there within the window."""
    from_ = np.clip(births, window[0], window[1])
    return np.asarray((window[1] - from_) / (MONTH_HOURS * HOUR), np.float64)


def dispersion(counts: NDArray[Any], months: NDArray[np.float64], rate: float) -> float:
    """The variance of a multiplier of mean 1 that parents keep, by moments: (var - mean) / mean squared, over all
    parents.
    """
    expected = rate * months
    total = float((expected**2).sum())
    return max(float(((counts - expected) ** 2 - counts).sum()) / total, 0.0) if total > 0 else 0.0
