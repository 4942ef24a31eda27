"""Lives that end are told from rates that fall, and their law is found."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from datagen.interop.infer.event_model import EventModel, event_model
from datagen.interop.infer.lifetime_fit import EventTimes
from datagen.time_units import DAY, HOUR, MONTH_HOURS

WINDOW = (19358 * DAY, (19358 + 730) * DAY)
MONTH = int(MONTH_HOURS * HOUR)


def model(life: Callable[[np.random.Generator], np.ndarray] | None, growth: float = 0.0, fading: float = 0.0,
          before: float = 0.4, n: int = 2500) -> EventModel:  # fmt: skip
    """The model of events at 1.5 a month, with dispersion 2/3, of entities of which some were there before."""
    rng = np.random.default_rng(7)
    early = rng.random(n) < before
    births = WINDOW[0] + np.where(early, -rng.random(n) * 365, rng.random(n) * 730) * DAY
    start = np.maximum(births, WINDOW[0])
    end = np.minimum(births + (life(rng) * MONTH if life else 1e18), WINDOW[1])
    length = np.maximum(end - start, 0.0)
    counts = rng.poisson(1.5 * rng.gamma(1.5, 1 / 1.5, n) * length / MONTH)
    owner = np.repeat(np.arange(n), counts)
    times = start[owner] + rng.random(len(owner)) * length[owner]
    years = (times - WINDOW[0]) / (365.25 * DAY)
    kept = rng.random(len(owner)) < (1 + growth) ** years * np.exp(-fading * (times - births[owner]) / MONTH)
    found = EventTimes(births.astype(np.int64), owner[kept], times[kept].astype(np.int64), WINDOW)
    days = np.bincount((found.times - WINDOW[0]) // DAY, minlength=730).astype(np.float64)
    return event_model(found, days, known_births=True)


def test_exponential_lives() -> None:
    made = model(lambda rng: rng.exponential(8, 2500))
    assert made.lives is not None
    assert made.lives.scale == pytest.approx(8, rel=0.2) and made.lives.shape == pytest.approx(1, abs=0.15)
    assert made.calendar.base * 30.4375 == pytest.approx(1.5, rel=0.08)
    assert made.dispersion == pytest.approx(2 / 3, rel=0.25) and made.calendar.growth == ()


def test_weibull_lives_with_some_that_never_leave() -> None:
    made = model(lambda rng: np.where(rng.random(2500) < 0.3, 1e6, 6 * rng.weibull(1.5, 2500)))
    assert made.lives is not None
    assert made.lives.cure_share == pytest.approx(0.3, abs=0.08) and made.lives.scale == pytest.approx(6, rel=0.2)


@pytest.mark.parametrize(("growth", "fading", "before"), [(0, 0, 0.4), (-0.4, 0, 0.4), (-0.5, 0, 1.0), (0, 0.1, 0.4)])
def test_falling_rates_are_no_ends_of_lives(growth: float, fading: float, before: float) -> None:
    made = model(None, growth, fading, before)
    assert made.lives is None
    if growth:
        assert made.calendar.growth[0] == pytest.approx(growth, abs=0.08)
