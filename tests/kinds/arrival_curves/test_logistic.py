import numpy as np
import pytest
from scipy.special import expit

from tests.kinds.arrival_curves.shapes import MIDDLES, START, YEAR, density, hour, total

S_CURVE = {"type": "logistic", "midpoint": "2024-06-01", "steepness_per_year": 6}


def test_the_total_is_a_logistic_curve():
    t = (MIDDLES + 0.5 - START - hour("2024-06-01")) / YEAR
    expected = expit(6 * t)
    got = total(S_CURVE)
    low, high = expit(-6 * hour("2024-06-01") / YEAR), expected[-1]
    np.testing.assert_allclose(got, (expected - low) / (high - low), atol=1e-6)


def test_arrivals_peak_at_the_midpoint_and_begin_at_one():
    rates = density(S_CURVE)
    assert abs(int(rates.argmax()) - hour("2024-06-01")) <= 1
    assert rates[0] == pytest.approx(1, rel=1e-3)


def test_a_peak_far_beyond_the_start_is_still_a_peak():
    rates = density({"type": "logistic", "midpoint": "2026-06-01", "steepness_per_year": 1000})
    assert np.isfinite(rates).all() and abs(int(rates.argmax()) - hour("2026-06-01")) <= 1
