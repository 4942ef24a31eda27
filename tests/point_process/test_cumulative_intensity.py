from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.time_units import HOUR

START = 400_000


def clock(weights: list[float]) -> CumulativeIntensity:
    return CumulativeIntensity.of(START, np.array(weights))


@given(st.lists(st.sampled_from([0.0, 0.25, 1.0, 7.5]), min_size=1, max_size=60), st.floats(0, 0.999))
def test_the_inverse_finds_the_time_at_which_the_clock_shows_a_value(weights: list[float], share: float) -> None:
    made = clock(weights)
    value = np.array([share * sum(weights)])
    assert made.at(made.inverse(value)) == pytest.approx(value, abs=1e-9 * max(sum(weights), 1) + 1e-8)


def test_the_clock_stands_still_before_and_after_its_grid_and_in_hours_without_weight() -> None:
    made = clock([1.0, 0.0, 2.0])
    hours = np.array([-5, 0, 1, 2, 3, 9]) * HOUR + START * HOUR
    assert made.at(hours).tolist() == [0, 0, 1, 1, 3, 3]


def test_within_an_hour_the_clock_is_linear() -> None:
    made = clock([4.0, 1.0])
    assert made.at(np.array([START * HOUR + HOUR // 4])).tolist() == [1.0]
    assert made.inverse(np.array([1.0])).tolist() == [START * HOUR + HOUR // 4]


def test_a_longer_grid_changes_no_earlier_time() -> None:
    weights = np.random.default_rng(1).random(500)
    values = np.linspace(0, weights[:400].sum() * 0.999, 1000)
    short, long = CumulativeIntensity.of(START, weights[:400]), CumulativeIntensity.of(START, weights)
    assert np.array_equal(short.inverse(values), long.inverse(values))


def test_a_skewed_clock_needs_no_more_than_its_guide() -> None:
    weights = np.full(20_000, 1e-9)
    weights[5] = 1.0
    made = CumulativeIntensity.of(START, weights)
    values = np.linspace(0, made.cumulative[-1], 5000)
    assert np.allclose(made.at(made.inverse(values)), values, atol=1e-8)
