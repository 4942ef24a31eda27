"""Rows along a clock: within their span, and counted at any time to the very microsecond."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.time_change import TimeChange
from datagen.point_process.unit_rate import UnitRate
from datagen.random.streams import Stream
from datagen.time_units import HOUR

START = 400_000
UNIT = UnitRate(Stream.named(3, "arrivals"), 4000)
WEIGHTS = np.random.default_rng(5).uniform(0, 2, 240)
WEIGHTS[30:40] = 0
CLOCK = CumulativeIntensity.of(START, WEIGHTS)


def span(begin: float, end: float) -> tuple[int, int]:
    return START * HOUR + round(begin * HOUR), START * HOUR + round(end * HOUR)


def around(moments: np.ndarray, change: TimeChange) -> np.ndarray:
    edges = np.array([change.begin, change.end])
    return np.concatenate([moments, moments + 1, moments - 1, edges, edges - 1, edges + 1])


@given(
    st.floats(0, 100),
    st.floats(0.02, 100),
    st.integers(1, 3000),
    st.integers(0, 500),
)
def test_counting_at_any_time_agrees_with_the_moments_of_all_rows(
    begin: float, length: float, count: int, first: int
) -> None:
    within = span(begin, begin + length)
    low, high = CLOCK.at(np.array(within))
    if high - low <= 0:
        return
    change = TimeChange.of_count(UNIT, CLOCK, within, first, count)
    moments = change.moments(np.arange(count))
    assert (np.diff(moments) >= 0).all() and moments[0] >= change.begin and moments[-1] < change.end
    times = around(moments, change)
    assert (change.by(times) == np.searchsorted(moments, times, side="right")).all()


def test_many_rows_of_one_microsecond_are_counted_together() -> None:
    change = TimeChange.of_count(UNIT, CLOCK, (START * HOUR, START * HOUR + 500), 0, 20_000)
    moments = change.moments(np.arange(20_000))
    times = np.arange(START * HOUR - 3, START * HOUR + 503)
    assert (change.by(times) == np.searchsorted(moments, times, side="right")).all()


@pytest.mark.parametrize("count", [10**8, 10**11, 10**13])
def test_a_large_table_is_counted_without_making_it(count: int) -> None:
    change = TimeChange.of_count(UnitRate(UNIT.stream, count), CLOCK, span(0, 240), 0, count)
    index = np.sort(np.random.default_rng(1).integers(0, count, 500))
    moments = change.moments(index)
    assert (change.by(moments) > index).all() and (change.by(moments - 1) <= index).all()


def test_rows_at_a_rate_stay_when_the_span_grows_and_end_where_it_ends() -> None:
    short, long = (TimeChange.of_rate(UNIT, CLOCK, span(0.3, end), 25.0) for end in (100.6, 190.0))
    assert short.count < long.count
    kept = long.moments(np.arange(long.count))
    assert (short.moments(np.arange(short.count)) == kept[: short.count]).all()
    assert kept[short.count] >= short.end > kept[short.count - 1]


def test_the_number_at_a_rate_is_a_poisson_number() -> None:
    units = [UnitRate(Stream.named(seed, "arrivals"), 900) for seed in range(120)]
    counts = np.array(
        [TimeChange.of_rate(unit, CumulativeIntensity.of(0, np.ones(90)), (0, 90 * HOUR), 10.0).count for unit in units]
    )
    assert counts.mean() == pytest.approx(900, abs=4 * (900 / 120) ** 0.5)
    assert counts.var() / counts.mean() == pytest.approx(1.0, abs=0.5)
