import numpy as np
import pytest
from scipy.optimize import curve_fit

from tests.kinds.arrival_curves.shapes import MIDDLES, START, density, hour, problems, total

SPREAD = {"type": "bass", "p": 0.03, "q": 0.38, "unit": "month"}
MONTH = 730.5


def share(t, p, q):
    left = np.exp(-(p + q) * t)
    return (1 - left) / (1 + (q / p) * left)


def test_the_total_is_that_of_the_model_and_peaks_when_it_should():
    t = (MIDDLES + 0.5 - START) / MONTH
    np.testing.assert_allclose(total(SPREAD), share(t, 0.03, 0.38) / share(t[-1], 0.03, 0.38), atol=1e-5)
    assert density(SPREAD).argmax() / MONTH == pytest.approx(np.log(0.38 / 0.03) / 0.41, abs=0.01)


def test_p_q_and_m_are_recovered_by_least_squares_on_increments():
    edges = np.arange(0, 49) * MONTH
    whole = np.concatenate([[0], np.cumsum(density(SPREAD))])
    arrived = 2000 * np.interp(edges, np.arange(len(whole)), whole) / whole[-1]
    month = np.arange(49.0)

    def increments(_, p, q, m):
        return np.diff(m * share(month, p, q))

    fit, _ = curve_fit(increments, None, np.diff(arrived), p0=(0.01, 0.2, 1000))
    np.testing.assert_allclose(fit[:2], [0.03, 0.38], rtol=1e-3)
    assert fit[2] * share(48, *fit[:2]) == pytest.approx(2000, rel=1e-3)


def test_the_rate_is_one_at_the_start_of_the_window_wherever_the_launch():
    assert density(SPREAD)[0] == pytest.approx(1, rel=0.01)
    assert density({**SPREAD, "launch": "2022-06-01"})[0] == pytest.approx(1, rel=0.01)


def test_nobody_comes_before_a_launch_that_is_said_and_history_is_even_where_none_is():
    late = density({**SPREAD, "launch": "2023-07-01"})
    assert (late[: hour("2023-07-01")] == 0).all() and late[hour("2023-07-01")] == pytest.approx(1, rel=0.01)
    assert (density(SPREAD, MIDDLES - 5 * 8766)[:8766] == 1).all()


def test_no_imitation_is_a_decline():
    assert (np.diff(density({**SPREAD, "q": 0})) < 0).all()


def test_a_launch_after_the_window_is_reported():
    assert problems({**SPREAD, "launch": "2026-01-01"}) == ["range curve.launch"]
