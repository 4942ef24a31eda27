"""The variance between days: that of chance for sound data, whoever has most of the rate; more or less is named."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.point_process.factors import Daily
from datagen.validation.metrics.rates.daily_noise import DailyChance, daily_findings, day_findings

DAYS = 730
LEVEL = 300.0
ROUGH = DailyChance(1.0, 0.0005)


def days(seed: int, *, noise: float = 0.0, heavy: float = 0.0) -> np.ndarray:
    """Poisson numbers and what is expected of them, with independent noise of each day; a parent of `heavy` times the
    usual rate begins in the middle, which nobody can expect.
    """
    random = np.random.default_rng(seed)
    rate = LEVEL * np.exp(noise * random.standard_normal(DAYS) - noise**2 / 2)
    rate[DAYS // 2 :] *= 1.0 + heavy
    return np.stack([random.poisson(rate).astype(float), np.full(DAYS, LEVEL)])


def between(numbers: np.ndarray) -> str:
    return {f.measure: f.verdict for f in day_findings("visits", [], 0, numbers)}["DayToDayVariance"]


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("heavy", [0.0, 1.0, 8.0])
def test_chance_is_no_noise_even_if_one_parent_has_most_of_the_rate(seed: int, heavy: float) -> None:
    assert between(days(seed, heavy=heavy)) == "pass"


@pytest.mark.parametrize("heavy", [0.0, 8.0])
def test_noise_of_a_tenth_is_named(heavy: float) -> None:
    assert between(days(1, noise=0.1, heavy=heavy)) == "fail"


def test_numbers_without_chance_are_named() -> None:
    assert between(np.full((2, DAYS), LEVEL)) == "fail"


@pytest.mark.parametrize(("planted", "verdict"), [(0.2, "recovered"), (0.4, "not recovered")])
def test_declared_noise_is_compared_also_where_parents_come_and_leave(planted: float, verdict: str) -> None:
    found = daily_findings("visits", [Daily(planted, 0.0)], days(2, noise=0.2), ROUGH)
    assert {f.subject: f.verdict for f in found}["noise sd"] == verdict


def single(numbers: np.ndarray, daily: list[Daily]) -> str:
    return next(f.message for f in day_findings("visits", daily, 0, numbers) if f.measure == "SingleDays")


@pytest.mark.parametrize("first", [0, 300, DAYS - 7])
def test_a_week_with_half_of_its_rows_is_named(first: int) -> None:
    numbers = days(3)
    numbers[0, first : first + 7] *= 0.55  # more than half of each day: no single day is far
    assert single(numbers, []).startswith(f"the week from {np.datetime64(first, 'D')} has ")


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(("noise", "heavy"), [(0.0, 0.0), (0.0, 8.0), (0.15, 1.0)])
def test_neither_noise_nor_a_parent_who_begins_makes_a_week_far(seed: int, noise: float, heavy: float) -> None:
    daily = [Daily(noise, 0.0)] if noise else []
    assert single(days(seed, noise=noise, heavy=heavy), daily).startswith("no day is far")
