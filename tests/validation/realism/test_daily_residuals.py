"""Trend, season and weekday are taken out of daily counts; what remains is as rough and as lasting as it was made."""

import numpy as np
import pytest

from datagen.validation.realism.daily_residuals import Days

DAYS = 3 * 365


def rate(season=0.3):
    day = np.arange(DAYS)
    return 2000 * (1 + day / 900) * (1 + season * np.sin(2 * np.pi * day / 365.2425)) * np.where(day % 7 < 5, 1.1, 0.7)


def noise(rho=0.6, sd=0.1):
    r, found = np.random.default_rng(3), [0.0]
    for step in r.normal(0, sd * np.sqrt(1 - rho**2), DAYS - 1):
        found.append(rho * found[-1] + step)
    return np.exp(found)


def test_days_by_chance_alone_are_as_rough_as_poisson_counts():
    days = Days(np.random.default_rng(1).poisson(rate()), 19_000)
    assert days.roughness == pytest.approx(1.0, abs=0.1)
    assert abs(days.memory) < 0.06


def test_good_days_follow_good_days():
    days = Days(np.random.default_rng(1).poisson(rate() * noise()), 19_000)
    assert days.roughness > 5
    assert days.memory == pytest.approx(0.55, abs=0.12)


def test_even_spacing_is_smoother_than_random_arrival():
    assert Days(np.rint(rate()).astype(np.int64), 19_000).roughness < 0.3


@pytest.mark.parametrize(("season", "low", "high"), [(0.3, 0.5, 1.0), (0.0, 0.0, 0.08)])
def test_only_what_comes_back_every_year_is_a_season(season, low, high):
    found = Days(np.random.default_rng(2).poisson(rate(season)), 19_000).yearly_strength
    assert low <= found <= high


def test_one_strange_day_decides_nothing():
    counts = np.random.default_rng(1).poisson(rate())
    counts[500] *= 20
    assert Days(counts, 19_000).roughness < 1.6


@pytest.mark.parametrize("mean", [3, 2000])
def test_evenness_tells_chance_from_even_distances_whatever_the_trend(mean):
    by_chance = np.random.default_rng(1).poisson(rate() * mean / 2000)
    assert Days(by_chance, 19_000).evenness == pytest.approx(1.0, abs=0.25)
    even = np.diff(np.floor(np.cumsum(rate() * mean / 2000))).astype(np.int64)
    assert Days(even, 19_000).evenness < 0.3
    assert np.isnan(Days(even[:100], 19_000).evenness)
