"""Points of a process of rate 1: honest gaps, any run by itself, both directions the same to the last bit."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from datagen.point_process.unit_rate import LEVELS, UnitRate, _student
from datagen.random.streams import Stream

STREAM = Stream.named(1, "arrivals")
WHOLE = UnitRate(STREAM, 5000).times(np.arange(20_000))


def of_seed(seed: int) -> UnitRate:
    return UnitRate(Stream.named(seed, "arrivals"), 2000)


def test_gaps_are_exponential_and_independent() -> None:
    gaps = np.diff(WHOLE, prepend=0.0)
    assert stats.kstest(gaps, "expon").statistic < 1.6 / len(gaps) ** 0.5
    for lag in (1, 2, 63, 64, 128):
        assert abs(np.corrcoef(gaps[lag:], gaps[:-lag])[0, 1]) < 4 / len(gaps) ** 0.5


def test_the_time_of_a_point_is_a_gamma_draw() -> None:
    numbers = np.array([1, 64, 100, 128, 1000, 5000])
    drawn = np.array([of_seed(seed).times(numbers - 1) for seed in range(100)])
    for number, times in zip(numbers, drawn.T, strict=True):
        assert stats.kstest(times, stats.gamma(number).cdf).statistic < 1.6 / len(times) ** 0.5


@pytest.mark.parametrize("points", [128, 256, 1 << 20])
def test_halves_are_split_by_a_beta_draw(points: int) -> None:
    shares = UnitRate(STREAM, 10)._shares(np.arange(1, 20_000), np.float64(points))
    assert stats.kstest(shares, stats.beta(points / 2, points / 2).cdf).statistic < 1.6 / len(shares) ** 0.5


@pytest.mark.parametrize("freedom, near, far", [(128, 1e-8, 1e-5), (4096, 1e-12, 1e-10)])
def test_quantiles_of_student_s_t_err_by_next_to_nothing(freedom: float, near: float, far: float) -> None:
    z = np.linspace(-6, 0, 121)  # the law is symmetric
    error = np.abs(_student(z, np.float64(freedom)) - stats.t(freedom).ppf(stats.norm.cdf(z)))
    assert error[np.abs(z) <= 3].max() < near and error.max() < far


def test_counts_in_cells_vary_as_much_as_their_mean() -> None:
    index = []
    for seed in range(20):
        counts = np.bincount(of_seed(seed).times(np.arange(2500)).astype(np.int64) // 10, minlength=200)[:200]
        index.append(counts.var() / counts.mean())
    assert np.mean(index) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("most", [1, 300, 20_000, 10**9, 10**13])
def test_any_run_of_points_is_the_same_however_many_are_asked_for(most: int) -> None:
    unit = UnitRate(STREAM, most)
    for first, count in ((0, 1), (0, 500), (63, 2), (64, 1), (4095, 130), (7777, 3000), (19_999, 1)):
        index = np.arange(first, min(first + count, len(WHOLE)))
        assert (unit.times(index) == WHOLE[index]).all()


def test_points_can_be_asked_for_in_any_order() -> None:
    index = np.random.default_rng(1).integers(0, len(WHOLE), 3000)
    assert (UnitRate(STREAM, 100).times(index) == WHOLE[index]).all()
    assert len(UnitRate(STREAM, 100).times(index[:0])) == 0


def test_points_never_go_back_in_time_and_keep_their_mean_far_out() -> None:
    assert (np.diff(WHOLE) >= 0).all()
    far = UnitRate(STREAM, 1).times(np.array([0, 10**6, 10**9, 10**13, (1 << LEVELS) - 1]))
    assert far[1:] == pytest.approx([1e6, 1e9, 1e13, 2.0**LEVELS], rel=0.005)
    near = UnitRate(STREAM, 1).times(10**12 + np.arange(1000))
    assert np.diff(near).mean() == pytest.approx(1.0, abs=0.15) and (np.diff(near) >= 0).all()


@pytest.mark.parametrize("most", [1, 5000, 10**8])
def test_counting_is_the_inverse_to_the_last_bit(most: int) -> None:
    unit = UnitRate(STREAM, most)
    some = WHOLE[:15_000:7]
    times = np.concatenate([some, np.nextafter(some, 0), np.nextafter(some, np.inf), [-1.0, 0.0]])
    count, following = unit.counted(times)
    assert (count == np.searchsorted(WHOLE, times, side="right")).all()
    assert (following == WHOLE[count]).all()
