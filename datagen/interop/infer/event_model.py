"""How rows below a parent happen over time: rate, dispersion between parents, calendar, lives of the parents."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from datagen.interop.infer.calendar_fit import CalendarFit, DailyCounts, fit_calendar
from datagen.interop.infer.distributions import Json, rounded
from datagen.interop.infer.holiday_fit import LevelChange, recurring
from datagen.interop.infer.lifetime_fit import EventTimes, WeibullLives, lives_of
from datagen.time_units import DAY, MONTH_HOURS

Times = NDArray[np.int64]
"""Microseconds since 1970."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
MONTH_DAYS = MONTH_HOURS / 24
_SURE = 4.0
_FEWEST_PER_HOUR = 20
_LEAST = 1e-3
"""Smaller weights are 0."""


@dataclass(frozen=True, slots=True)
class EventModel:
    """The model of one table of events; `lives` are those of its parents, None where they do not end."""

    calendar: CalendarFit
    dispersion: float
    lives: WeibullLives | None


def event_model(
    events: EventTimes, counts: NDArray[np.float64], *, known_births: bool, lives: WeibullLives | None = None
) -> EventModel:
    """The model of events, of which `counts` are all per day, shape (days,), also where events are a sample; `lives`
    that are known from another table are kept.
    """
    refit = partial(_calendar, events, counts)
    if lives is not None or not known_births:
        calendar = refit(lives)
    else:
        lives, calendar = lives_of(events, refit)
    return EventModel(calendar, 1 / lives.shape_of_rates if lives is not None else _dispersion(events, calendar), lives)


def daily_counts(days: NDArray[np.int64], counts: NDArray[np.int64], window: tuple[int, int]) -> NDArray[np.float64]:
    """Counts of days since 1970 as one number for each day of the window, shape (days,)."""
    first, n = window[0] // DAY, (window[1] - window[0]) // DAY
    within = (days >= first) & (days < first + n)
    return np.bincount(days[within] - first, weights=counts[within], minlength=n).astype(np.float64)


def _calendar(events: EventTimes, counts: NDArray[np.float64], lives: WeibullLives | None) -> CalendarFit:
    """The calendar of daily counts over the entities that are there."""
    first, n = events.window[0] // DAY, len(counts)
    born = np.maximum(events.births, events.window[0]) if lives is None else events.births
    days = born // DAY - first
    oldest = max(-int(days.min()), 0) if len(days) else 0
    begun = np.bincount(np.clip(days + oldest, 0, oldest + n), minlength=oldest + n + 1)[: oldest + n]
    if lives is None:
        there = np.cumsum(begun) - begun / 2
    else:
        surviving = lives.surviving(np.arange(oldest + n) / MONTH_DAYS)
        size = 1 << (2 * (oldest + n)).bit_length()
        there = np.fft.irfft(np.fft.rfft(begun, size) * np.fft.rfft(surviving, size), size)[: oldest + n] - begun / 2
    scale = float(counts.sum()) / max(len(events.times), 1)
    return fit_calendar(DailyCounts(counts, scale * np.maximum(there[oldest:], 0.0), first))


def _dispersion(events: EventTimes, calendar: CalendarFit) -> float:
    """The variance of a multiplier of mean 1 that parents keep, by moments: (var - mean) / mean squared, over all."""
    steps = np.concatenate([[0.0], np.cumsum(calendar.daily)])
    from_ = (np.clip(events.births, *events.window) - events.window[0]) / DAY
    expected = calendar.base * (steps[-1] - np.interp(from_, np.arange(len(steps)), steps))
    counts = np.bincount(events.owner, minlength=len(expected))
    total = float((expected**2).sum())
    return max(float(((counts - expected) ** 2 - counts).sum()) / total, 0.0) if total > 0 else 0.0


def behaviors_of(calendar: CalendarFit, window: tuple[int, int], hours: NDArray[Any] | None = None) -> list[Json]:
    """The behaviors that a calendar stands for: seasonality, trend, interventions; `hours` are counts, shape (24,)."""
    season: Json = {}
    changes = dict(sorted(zip(calendar.terms.changes, calendar.effects, strict=True)))
    for key, names, weights in (("weekday", WEEKDAYS, calendar.weekday), ("month", MONTHS, calendar.month)):
        if weights:
            shown = (rounded(weight, 2) if weight > _LEAST else 0 for weight in weights)
            season[key] = dict(zip(names, shown, strict=True))
    if hours is not None and _uneven(hours):
        season["hour"] = [rounded(24 * float(count) / float(hours.sum()), 2) for count in hours]
    if holidays := _holidays(calendar, window[0] // DAY, changes):
        season["holidays"] = holidays
    made: list[Json] = [{"type": "seasonality", **season}] if season else []
    if calendar.growth:
        made.append(_trend(calendar, window))
    effects = []
    for (start, stop), effect in changes.items():
        ends = {} if stop >= len(calendar.daily) - 2 else {"to": _day(window, stop)}
        effects.append({"from": _day(window, start), **ends, "multiply": rounded(effect, 3) if effect > _LEAST else 0})
    return [*made, {"type": "interventions", "effects": effects}] if effects else made


def _holidays(calendar: CalendarFit, first: int, changes: dict[LevelChange, float]) -> Json:
    """The effects of holidays from day `first` since 1970 on; `changes` that they explain are taken out."""
    country, found = calendar.terms.country, {}
    for one in recurring(list(changes), list(changes.values()), first, len(calendar.daily), country):
        found[one.name] = one.effect
        for change in one.changes:
            changes.pop(change)
    general: Json = {"country": country, "multiply": rounded(calendar.holiday, 3)} if country else {}
    return general | ({"named": found} if found else {})


def _trend(calendar: CalendarFit, window: tuple[int, int]) -> Json:
    growth = [rounded(one, 3) for one in calendar.growth]
    if len(calendar.terms.kinks) == 1 and calendar.terms.kinks[0] == 0:
        return {"type": "trend", "shape": "exponential", "growth_per_year": growth[0]}
    at = list(calendar.terms.kinks)
    first = growth.pop(0) if at[0] == 0 else 0.0
    at = at[1:] if at[0] == 0 else at
    points = [{"at": _day(window, day), "growth_per_year": one} for day, one in zip(at, growth, strict=True)]
    return {"type": "trend", "shape": "piecewise", "growth_per_year": first, "points": points}


def _day(window: tuple[int, int], day: int) -> str:
    return str(np.datetime64(window[0] // DAY + day, "D"))


def _uneven(counts: NDArray[Any]) -> bool:
    """Whether counts differ by more than chance: the normal approximation of the chi-square statistic."""
    expected = float(counts.sum()) / len(counts)
    if expected < _FEWEST_PER_HOUR:
        return False
    statistic = float(((counts - expected) ** 2).sum() / expected)
    freedom = len(counts) - 1
    return bool(statistic > freedom + _SURE * (2 * freedom) ** 0.5)


def retention_of(lives: WeibullLives) -> Json:
    """The behavior that ends lives."""
    distribution: Json = {"type": "weibull", "shape": rounded(lives.shape, 3), "scale": rounded(lives.scale, 3)}
    if abs(lives.shape - 1) < 0.05:
        distribution = {"type": "exponential", "mean": rounded(lives.scale, 3)}
    if lives.cure_share:
        distribution["cure_share"] = rounded(lives.cure_share, 2)
    return {"type": "retention", "lifetime": distribution}
