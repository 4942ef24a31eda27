"""Holidays in daily counts: the country whose holidays have a level of their own, and changes of level that come back
around a holiday each year.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from datagen.interop.infer.distributions import Json, rounded
from datagen.kinds.behaviors.support.holiday_calendar import countries, holidays_of, known_days, years_of

_FIRST = ("US", "GB", "DE", "FR", "ES", "IT", "CA", "AU", "IN", "JP", "BR", "MX", "NL", "PL", "CH", "AT", "CN", "KR")
"""Of countries with the same days in a window, the first one is named."""
_FEWEST_DAYS = 4
_APART, _LONGEST, _EDGE = 3, 31, 21
"""Days by which the ends of a recurring change may differ, that it lasts at most, and that it may lack at the window's
ends.
"""
_UNEQUAL = 1.6
"""Ratio of the effects of one holiday in several years up to which they are one."""


class LevelChange(NamedTuple):
    """Days `start` to `stop` (excluded) of the window have a level of their own."""

    start: int
    stop: int


class Recurring(NamedTuple):
    """A holiday with the changes of level around it, and the effect that they have together."""

    name: str
    changes: tuple[LevelChange, ...]
    effect: Json


@lru_cache(maxsize=4)
def holiday_columns(first: int, n: int) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Countries, and whether each of `n` days from day `first` since 1970 on is a holiday, shape (n, countries)."""
    codes = [*_FIRST, *sorted({code for code in countries() if len(code) == 2} - {*_FIRST})]
    days = np.arange(first, first + n)
    years = years_of(first, first + n)
    columns = [np.isin(days, sorted(_days_of(code, years))) for code in codes]
    there = [at for at, column in enumerate(columns) if column.sum() >= _FEWEST_DAYS]
    return tuple(codes[at] for at in there), np.stack([columns[at] for at in there], axis=1).astype(np.float64)


@lru_cache(maxsize=1000)
def _days_of(country: str, years: range) -> frozenset[int]:
    return frozenset(day for days in holidays_of(country, None, years).values() for day in days)


def recurring(
    changes: Sequence[LevelChange], effects: Sequence[float], first: int, n: int, country: str
) -> Iterator[Recurring]:
    """The changes of level that come back around one holiday in each year of `n` days from day `first` since 1970 on,
    at least twice. Holidays are those of the country, if there is one, and those that many countries have.
    """
    known = dict(zip(changes, effects, strict=True))
    if len(known) < 2:
        return
    years = years_of(first, first + n)
    names = known_days(years) | (holidays_of(country, None, years) if country else {})
    while True:
        found = [one for name, days in names.items() if (one := _around(name, days, known, first, n)) is not None]
        if not found:
            return
        _, best = min(found, key=lambda one: one[0])
        yield best
        known = {change: effect for change, effect in known.items() if change not in best.changes}


def _around(
    name: str, days: Sequence[int], known: dict[LevelChange, float], first: int, n: int
) -> tuple[Any, Recurring] | None:
    """A holiday whose runs of days all lie in changes alike, with how well they match (lower is better)."""
    at = np.array(sorted(days)) - first
    runs = [run for run in np.split(at, np.flatnonzero(np.diff(at) > 1) + 1) if len(run)]
    inside = [(int(run[0]), int(run[-1])) for run in runs if run[0] >= _EDGE and run[-1] < n - _EDGE]
    ends = [(int(run[0]), int(run[-1])) for run in runs if run[0] >= 0 and run[-1] < n]
    matched = {run: next((change for change in known if _covers(change, run)), None) for run in ends}
    chosen = {run: change for run, change in matched.items() if change is not None}
    if len(chosen) < 2 or any(matched[run] is None for run in inside):
        return None
    whole = [(run, change) for run, change in chosen.items() if change.start > 0 and change.stop < n]
    if not whole or any(change.stop - change.start > _LONGEST + run[1] - run[0] for run, change in whole):
        return None
    before = np.array([max(run[0] - change.start, 0) for run, change in whole])
    after = np.array([max(change.stop - 1 - run[1], 0) for run, change in whole])
    logs = np.log(np.maximum([known[change] for change in chosen.values()], 1e-3))
    apart = int(np.ptp(before) + np.ptp(after))
    if max(np.ptp(before), np.ptp(after)) > _APART or np.ptp(logs) > np.log(_UNEQUAL):
        return None
    reach = {"days_before": round(float(np.median(before))), "days_after": round(float(np.median(after)))}
    around = {key: count for key, count in reach.items() if count}
    effect: Json = {"multiply": rounded(float(np.exp(logs.mean())), 3), **around}
    if around:
        effect["ramp"] = "level"
    far = int(before.mean() + after.mean())
    return (apart, far, abs(float(before.mean() - after.mean()))), Recurring(name, tuple(chosen.values()), effect)


def _covers(change: LevelChange, run: tuple[int, int]) -> bool:
    """Whether a change has all days of a run; of a long one, nearly all."""
    spare = _APART if run[1] - run[0] > 2 * _APART else 0
    return change.start - spare <= run[0] and run[1] < change.stop + spare
