import numpy as np
import pytest

from tests.kinds.arrival_curves.shapes import MIDDLES, START, YEAR, density, hour, total

LATE = {"type": "gompertz", "peak": "2023-10-01", "steepness_per_year": 4}


def test_the_total_is_a_gompertz_curve():
    t = (MIDDLES + 0.5 - START - hour("2023-10-01")) / YEAR

    def distribution(x):
        return np.exp(-np.exp(-4 * x))

    low = distribution(-hour("2023-10-01") / YEAR)
    np.testing.assert_allclose(total(LATE), (distribution(t) - low) / (distribution(t[-1]) - low), atol=1e-6)


def test_arrivals_begin_at_one_and_peak_at_the_declared_time():
    rates = density(LATE)
    assert rates[0] == pytest.approx(1, rel=0.01)
    assert abs(int(rates.argmax()) - hour("2023-10-01")) <= 1


@pytest.mark.parametrize("steepness", [50, 1000])
def test_a_peak_far_beyond_the_start_is_still_a_peak(steepness):
    rates = density({"type": "gompertz", "peak": "2026-06-01", "steepness_per_year": steepness})
    assert np.isfinite(rates).all() and (rates >= 0).all()
    assert abs(int(rates.argmax()) - hour("2026-06-01")) <= 1
