import numpy as np
import pytest

from datagen.kinds.behaviors.support.fourier import FourierTerm, waves
from tests.kinds.behaviors.calendars import Planned, hours, problems, weights


def season(*terms):
    return {"type": "seasonality", "fourier": list(terms)}


def test_a_wave_has_the_declared_peak_and_amplitude():
    day = weights(season({"period": "day", "amplitude": 0.4, "peak": "18h"}))[:24]
    assert day.argmax() in (17, 18) and day.max() == pytest.approx(1.4, abs=0.01)
    week = weights(season({"period": "week", "amplitude": 0.4, "peak": "132h"}))[:168]  # from a Monday: Saturday noon
    assert week.argmax() in (131, 132)
    year = weights(season({"period": "year", "amplitude": 0.3, "peak": "196d"}))
    assert abs(int(year.argmax()) / 24 - 196) < 1.5


def test_waves_are_found_again_by_regression_on_harmonics():
    row = weights(
        season({"period": "year", "amplitude": 0.3, "peak": "60d"}, {"period_days": 10, "order": 3, "amplitude": 0.2})
    )
    t = hours().astype(float) + 0.5
    angles = [2 * np.pi * t / 8766, 2 * np.pi * 3 * t / 240]
    design = np.stack([np.ones(len(t)), *(f(a) for a in angles for f in (np.cos, np.sin))], axis=1)
    fit = np.linalg.lstsq(design, row, rcond=None)[0]
    np.testing.assert_allclose(
        [fit[0], np.hypot(*fit[1:3]), np.hypot(*fit[3:5])], [1, 0.3, 0.2], atol=1e-4
    )  # the means of hours


def test_nothing_falls_below_zero():
    assert waves([FourierTerm(period="day", amplitude=1)], np.arange(0, 100, 0.25)).min() >= 0


@pytest.mark.parametrize(
    "terms, expected",
    [
        ([{"amplitude": 0.2}], ["missing fourier.0"]),
        ([{"period": "day", "period_days": 1, "amplitude": 0.2}], ["missing fourier.0"]),
        ([{"period": "day", "peak": "2d", "amplitude": 0.2}], ["range fourier.0.peak"]),
        ([{"period": "day", "order": 13, "amplitude": 0.2}], ["range fourier.0.order"]),
        ([{"period": "day", "amplitude": 0.6}, {"period": "week", "amplitude": 0.6}], ["range fourier"]),
    ],
)
def test_an_invalid_wave_is_reported(terms, expected):
    assert problems(season(*terms)) == expected


def test_more_hours_change_none():
    declared = season({"period": "year", "order": 2, "amplitude": 0.3, "peak": "60d"})
    short, long = Planned(), Planned(end="2029-01-01", history_hours=999)
    np.testing.assert_array_equal(weights(declared, short), weights(declared, long)[999 : 999 + short.grid().hours])
