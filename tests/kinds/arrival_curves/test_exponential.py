import numpy as np

from tests.kinds.arrival_curves.shapes import MIDDLES, START, YEAR, density, problems


def test_the_rate_grows_by_the_same_share_every_year_also_before_the_window():
    hours = np.concatenate([MIDDLES - 8766, MIDDLES])
    np.testing.assert_allclose(
        density({"type": "exponential", "growth_per_year": 0.8}, hours), 1.8 ** ((hours - START) / YEAR)
    )
    np.testing.assert_allclose(density({"type": "exponential", "growth_per_year": -0.5}, START + np.array([YEAR])), 0.5)


def test_growth_beyond_all_measure_stays_finite():
    assert np.isfinite(density({"type": "exponential", "growth_per_year": 1e6}, START + np.array([500 * YEAR]))).all()


def test_no_growth_is_reported():
    assert problems({"type": "exponential", "growth_per_year": 0}) == ["no-effect curve.growth_per_year"]
