"""Trend, season and change points of daily counts are found where they are, and nowhere else."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from datagen.interop.infer.calendar_fit import CalendarFit, DailyCounts, Terms, fit_calendar
from datagen.interop.infer.event_model import behaviors_of
from datagen.kinds.behaviors.support.holiday_calendar import holidays_of, known_days
from datagen.time_units import DAY

FIRST = 19358
"""2023-01-01, a Sunday."""
DAYS = np.arange(730)
WEEKEND = (DAYS + FIRST + 3) % 7 >= 5


def fitted(rate: np.ndarray, seed: int = 1) -> CalendarFit:
    counts = np.random.default_rng(seed).poisson(rate).astype(np.float64)
    return fit_calendar(DailyCounts(counts, np.ones(len(rate)), FIRST))


def test_even_counts_have_no_terms() -> None:
    """Of 120 random datasets, half of them with noise that lasts for days, at most one has a term."""
    found, rng = 0, np.random.default_rng(5)
    for number in range(120):
        n = int(rng.integers(60, 1000))
        noise = np.convolve(rng.normal(0, 0.1, n + 20), 0.6 ** np.arange(21), "valid") * (number % 2)
        found += fitted(np.exp(rng.uniform(0, 5) + noise), number).terms != Terms()
    assert found <= 1


def test_a_trend_is_no_change_of_level() -> None:
    made = fitted(30 * 1.3 ** (DAYS / 365.25))
    assert made.terms == Terms(kinks=(0,))
    assert made.growth[0] == pytest.approx(0.3, abs=0.06) and made.base == pytest.approx(30, rel=0.04)


def test_a_campaign_and_a_later_fall_are_two_changes_whatever_the_seed() -> None:
    """Terms that come in one by one often describe them by three changes, or by two that overlap."""
    days = np.arange(1096)
    months = (days + FIRST).astype("datetime64[D]").astype("datetime64[M]").astype(int) % 12
    month = np.array([1, 1, 1, 1, 1, 1, 0.5, 0.5, 1, 1, 1, 1.6])[months]
    changes = np.where((days >= 433) & (days < 474), 1.8, 1.0) * np.where(days >= 851, 0.6, 1.0)
    rate = month * changes * 1.25 ** (days / 365.25)
    found = [fitted(55 * rate, seed).terms.changes for seed in range(6)]
    right = [len(one) == 2 and abs(np.sort(np.ravel(one)) - [433, 474, 851, 1096]).max() <= 4 for one in found]
    assert sum(right) >= 5, found


@pytest.mark.parametrize(("start", "stop", "effect"), [(400, 730, 1.5), (300, 320, 2.0), (200, 203, 0.1)])
def test_a_change_of_level_is_found_at_its_days(start: int, stop: int, effect: float) -> None:
    made = fitted(np.where((start <= DAYS) & (stop > DAYS), effect, 1.0) * 30)
    (change,) = made.terms.changes
    assert change.start == pytest.approx(start, abs=4) and change.stop == pytest.approx(stop, abs=4)
    assert made.effects[0] == pytest.approx(effect, rel=0.12, abs=0.06)
    assert made.growth == () and made.month == ()


def test_a_level_until_a_day_is_a_change_from_that_day_on() -> None:
    made = fitted(np.where(DAYS < 200, 60, 30))
    assert made.terms.changes[0].stop == 730 and made.effects[0] == pytest.approx(0.5, rel=0.1)


def test_terms_that_act_together_are_told_apart() -> None:
    month = 1 + 0.4 * np.sin(2 * np.pi * DAYS / 365.25)
    change = np.where((DAYS >= 500) & (DAYS < 530), 1.8, 1.0)
    made = fitted(40 * np.where(WEEKEND, 1.6, 0.76) * month * change * 1.2 ** (DAYS / 365.25))
    assert made.terms.weekday and made.terms.month and made.terms.kinks == (0,) and len(made.effects) == 1
    assert made.growth[0] == pytest.approx(0.2, abs=0.06) and made.effects[0] == pytest.approx(1.8, rel=0.1)
    assert made.weekday[5] == pytest.approx(1.6, rel=0.05) and made.month[3] == pytest.approx(1.4, rel=0.07)


@pytest.mark.parametrize(("days", "noise"), [(365, 0.0), (365, 0.3), (500, 0.3)])
def test_in_one_year_a_season_and_growth_are_not_mistaken_for_each_other(days: int, noise: float) -> None:
    """Four datasets each have the planted one; with daily noise of gamma law on top it may be left out, but the other
    one is not found in its place.
    """
    rng = np.random.default_rng(8)
    at = np.arange(days)
    month, growth = 1 + 0.4 * np.sin(2 * np.pi * at / 365.25), 1.5 ** (at / 365.25)
    for seed in range(4):
        noisy = rng.gamma(1 / noise**2, noise**2, days) if noise else np.ones(days)
        season, trend = fitted(100 * month * noisy, seed), fitted(100 * growth * noisy, seed)
        assert season.terms.kinks == () and not trend.terms.month
        if not noise:
            assert season.month[3] == pytest.approx(1.4, rel=0.1)
            assert trend.growth == pytest.approx((0.5,), abs=0.05)


def test_holidays_of_three_years_are_found_at_their_days() -> None:
    at = np.arange(1096)
    shut = np.isin(at % 365, [358, 359, 360])
    full = np.isin(at % 365, [327, 328, 329, 330])
    made = fitted(80 * np.where(shut, 0.1, np.where(full, 3.0, 1.0)))
    assert len(made.effects) == 6 and not made.terms.month
    for (start, stop), effect in zip(made.terms.changes, made.effects, strict=True):
        begin, end, level = (358, 361, 0.1) if effect < 1 else (327, 331, 3.0)
        assert (start % 365, stop % 365) == (begin, end)
        assert effect == pytest.approx(level, rel=0.3)


def holidays(rate: np.ndarray) -> dict[str, Any]:
    """The holidays of the season that is inferred, without interventions beside them."""
    start = FIRST * DAY
    (season,) = behaviors_of(fitted(rate), (start, start + len(rate) * DAY))
    assert season["type"] == "seasonality"
    return season["holidays"]


def test_public_holidays_are_those_of_their_country() -> None:
    for country in ("US", "DE", "JP"):
        days = {day for found in holidays_of(country, None, range(2022, 2027)).values() for day in found}
        shut = np.isin(FIRST + np.arange(1096), sorted(days))
        found = holidays(100 * np.where(shut, 0.4, 1.0))
        assert found == {"country": country, "multiply": pytest.approx(0.4, rel=0.15)}


def test_changes_that_come_back_around_a_holiday_are_called_after_it() -> None:
    known = known_days(range(2022, 2027))

    def around(name: str, before: int, after: int) -> np.ndarray:
        days = [day + shift for day in known[name] for shift in range(-before, after + 1)]
        return np.isin(FIRST + np.arange(1096), days)

    found = holidays(100 * np.where(around("Easter", 3, 3), 2.5, np.where(around("Christmas", 4, 5), 0.3, 1.0)))
    assert found == {
        "named": {
            "Easter": {"multiply": pytest.approx(2.5, rel=0.1), "days_before": 3, "days_after": 3, "ramp": "level"},
            "Christmas": {"multiply": pytest.approx(0.3, rel=0.1), "days_before": 4, "days_after": 5, "ramp": "level"},
        }
    }


def test_a_change_of_growth_is_found() -> None:
    rate = 40 * np.exp(np.log(2.5) * np.maximum(DAYS - 365, 0) / 365.25)
    made = fitted(rate)
    assert made.terms.changes == ()
    assert made.growth[-1] == pytest.approx(1.5, abs=0.3) and made.terms.kinks[-1] == pytest.approx(365, abs=45)


def test_exposure_is_no_trend() -> None:
    """Ever more entities with one rate are no growth of the rate."""
    counts = np.random.default_rng(3).poisson(0.5 * (DAYS + 1)).astype(np.float64)
    made = fit_calendar(DailyCounts(counts, DAYS + 1.0, FIRST))
    assert made.terms == Terms() and made.base == pytest.approx(0.5, rel=0.02)
