"""Lifetimes of entities from the times of their events: whether some stop for good, and when.

The model is that of Schmittlein, Morrison and Colombo (1987) with Weibull lives and a share that never leaves: while an
entity lives, its events are a Poisson process with a gamma distributed rate. The likelihood needs the number of events
and the time of the last one. Lives are accepted where they explain the events better than the same rates without an
end, with or without an effect of age.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datagen.interop.infer.calendar_fit import CalendarFit
from datagen.time_units import DAY, HOUR, MONTH_HOURS

Numbers = NDArray[np.float64]
Times = NDArray[np.int64]

BETTER = 12.0
"""Log-likelihood that lives must gain over every model without them: by chance, one table of 10,000."""
_FEWEST, _SCREENED, _MOST = 200, 400, 1200
_LEAST_GONE = 0.1
"""Share of entities that must be gone at the end of the window."""
_NODES = np.linspace(0.0, 1.0, 33) ** 4
_AGES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
"""Months that bound the ages of the model without an end."""
_lgamma = np.vectorize(math.lgamma, otypes=[np.float64])


@dataclass(frozen=True, slots=True)
class WeibullLives:
    """Weibull lives in months of 730.5 hours; `cure_share` never leave. `shape_of_rates` is that of their gamma
    distribution.
    """

    shape: float
    scale: float
    cure_share: float
    shape_of_rates: float

    def surviving(self, months: Numbers) -> Numbers:
        """The share that is there at an age."""
        power = np.power(np.maximum(months, 0.0) / self.scale, self.shape)
        return np.asarray(self.cure_share + (1 - self.cure_share) * np.exp(-power))


@dataclass(frozen=True, slots=True)
class EventTimes:
    """Events of entities: `births` of the entities and the position of the entity (`owner`) of each of `times`,
    microseconds since 1970, within `window`.
    """

    births: Times
    owner: NDArray[np.int64]
    times: Times
    window: tuple[int, int]

    def some(self, most: int) -> EventTimes:
        """The events of so many entities, evenly spread."""
        if len(self.births) <= most:
            return self
        chosen = np.unique(np.linspace(0, len(self.births) - 1, most).astype(np.int64))
        places = np.full(len(self.births), -1, np.int64)
        places[chosen] = np.arange(len(chosen))
        kept = places[self.owner] >= 0
        return EventTimes(self.births[chosen], places[self.owner[kept]], self.times[kept], self.window)


def lives_of(
    events: EventTimes, refit: Callable[[WeibullLives | None], CalendarFit]
) -> tuple[WeibullLives | None, CalendarFit]:
    """The lives of entities, None where they may not end, and the calendar that goes with them.

    `refit` gives the calendar of the events, with the exposure that lives leave.
    """
    plain = refit(None)
    if len(events.births) < _FEWEST or len(events.times) < 3 * _FEWEST:
        return None, plain
    flat = CalendarFit(plain.base, np.ones_like(plain.daily), plain.terms)
    screened = _Likelihood(events.some(_SCREENED), flat)
    first = screened.fitted_lives(plain.base)
    if first[1] - max(screened.without(plain.base), _Likelihood(events.some(_SCREENED), plain).best_without()) < 2:
        return None, plain
    calendar = refit(first[0])
    chosen = events.some(_MOST)
    lives, found = _Likelihood(chosen, calendar).fitted_lives(calendar.base, first[0])
    ends = np.maximum(events.window[1] - events.births, 0) / (MONTH_HOURS * HOUR)
    gone = 1 - float(lives.surviving(ends).mean())
    if gone < _LEAST_GONE or found - _Likelihood(chosen, plain).best_without() < BETTER:
        return None, plain
    return lives, refit(lives)


class _Likelihood:
    """The log-likelihood of events given a calendar, up to what all models have in common."""

    def __init__(self, events: EventTimes, calendar: CalendarFit) -> None:
        self.events, n = events, len(events.births)
        start, end = events.window
        self.steps = np.concatenate([[0.0], np.cumsum(calendar.daily)])
        self.counts = np.bincount(events.owner, minlength=n).astype(np.float64)
        self.since = np.clip(events.births, start, end)
        last = self.since.copy()
        np.maximum.at(last, events.owner, events.times)
        nodes = last[:, None] + (end - last)[:, None] * _NODES
        self.mass = self._mass(nodes) - self._mass(self.since.astype(np.float64))[:, None]
        self.ages = (nodes - events.births[:, None]) / (MONTH_HOURS * HOUR)
        self.first_age = (self.since - events.births) / (MONTH_HOURS * HOUR)
        days = np.clip((events.times - start) // DAY, 0, len(calendar.daily) - 1)
        self.at_times = float(np.log(np.maximum(calendar.daily[days], 1e-12)).sum())
        self.unique, self.which = np.unique(self.counts, return_inverse=True)

    def _mass(self, times: Numbers) -> Numbers:
        """The calendar's integral from the window's start, in days."""
        days = (times - self.events.window[0]) / DAY
        return np.asarray(np.interp(days, np.arange(len(self.steps)), self.steps))

    def _gamma(self, shape: float) -> Numbers:
        return np.asarray((_lgamma(self.unique + shape) - math.lgamma(shape))[self.which])

    def fitted_lives(self, base: float, guess: WeibullLives | None = None) -> tuple[WeibullLives, float]:
        """The lives of the largest likelihood."""
        known = guess or WeibullLives(1.0, 12.0, 0.1, 1.0)
        begin = np.log([known.shape_of_rates, known.shape_of_rates / max(base * 1.5, 1e-9), known.shape, known.scale,
                        max(known.cure_share, 0.02)])  # fmt: skip

        def loss(at: Numbers) -> float:
            rates, rate, shape, scale, cure = np.exp(np.clip(at, -12, 12))
            if not (0.3 <= shape <= 5 and 0.05 <= scale <= 600 and cure < 0.9 and 0.05 <= rates <= 200):
                return 1e15
            return -self._with(WeibullLives(float(shape), float(scale), float(cure), float(rates)), float(rate))

        best, value = minimum(loss, begin)
        rates, _, shape, scale, cure = np.exp(best)
        return WeibullLives(float(shape), float(scale), float(cure) if cure > 0.01 else 0.0, float(rates)), -value

    def _with(self, lives: WeibullLives, rate: float) -> float:
        shape = lives.shape_of_rates
        logs = -(shape + self.counts)[:, None] * np.log(rate + self.mass)
        relative = np.exp(logs - logs[:, :1])
        surviving = lives.surviving(self.ages)
        inner = (surviving[:, :-1] - surviving[:, 1:]) * (relative[:, :-1] + relative[:, 1:]) / 2
        total = inner.sum(axis=1) + surviving[:, -1] * relative[:, -1]
        total += np.where(self.counts == 0, 1 - lives.surviving(self.first_age), 0.0)
        part = self._gamma(shape) + shape * math.log(rate) + logs[:, 0] + np.log(np.maximum(total, 1e-300))
        return float(part.sum()) + self.at_times

    def without(self, base: float) -> float:
        """The largest log-likelihood of rates without an end."""
        return self._negative_binomial(self.mass[:, -1], base)

    def best_without(self) -> float:
        """The largest log-likelihood without an end, where the rate may depend on age."""
        edges = np.append(np.array(_AGES), 1e6) * (MONTH_HOURS * HOUR)
        born = self.events.births.astype(np.float64)
        bounds = np.clip(born[:, None] + edges, self.since[:, None], self.events.window[1])
        exposed = np.diff(self._mass(bounds), axis=1)
        ages = np.searchsorted(edges, self.events.times - born[self.events.owner], "right") - 1
        happened = np.bincount(np.clip(ages, 0, len(edges) - 2), minlength=len(edges) - 1)
        rates = (happened + 0.5) / (exposed.sum(axis=0) + 0.5 * exposed.sum() / max(happened.sum(), 1))
        level = happened.sum() / max(float(exposed.sum()), 1e-9)
        relative = rates / level
        aged = self._negative_binomial(exposed @ relative, level) + float((happened * np.log(relative)).sum())
        return max(self.without(level), aged)

    def _negative_binomial(self, mass: Numbers, base: float) -> float:
        def loss(at: Numbers) -> float:
            shape, rate = np.exp(np.clip(at, -12, 12))
            part = self._gamma(float(shape)) + shape * np.log(rate) - (shape + self.counts) * np.log(rate + mass)
            return -float(part.sum())

        return -minimum(loss, np.log([1.0, 1.0 / max(base, 1e-9)]))[1] + self.at_times


def minimum(loss: Callable[[Numbers], float], begin: Numbers, steps: int = 220) -> tuple[Numbers, float]:
    """The point of the least loss by the simplex method of Nelder and Mead (1965), and its loss."""
    n = len(begin)
    points = np.concatenate([begin[None], begin + 0.4 * np.eye(n)])
    values = np.array([loss(one) for one in points])
    for _ in range(steps):
        order = np.argsort(values, kind="stable")
        points, values = points[order], values[order]
        if values[-1] - values[0] < 1e-3:
            break
        middle = points[:-1].mean(axis=0)
        tried = middle + (middle - points[-1])
        found = loss(tried)
        if found < values[0]:
            further = middle + 2 * (middle - points[-1])
            beyond = loss(further)
            tried, found = (further, beyond) if beyond < found else (tried, found)
        elif found >= values[-2]:
            tried = middle + 0.5 * ((tried if found < values[-1] else points[-1]) - middle)
            found = loss(tried)
            if found >= values[-1]:
                points[1:] = points[0] + 0.5 * (points[1:] - points[0])
                values[1:] = [loss(one) for one in points[1:]]
                continue
        points[-1], values[-1] = tried, found
    best = int(np.argmin(values))
    return points[best], float(values[best])
