import numpy as np

from tests.kinds.arrival_curves.shapes import MIDDLES, START, YEAR, density


def test_the_rate_changes_by_the_same_amount_every_year_and_never_falls_below_zero():
    np.testing.assert_allclose(density({"type": "linear", "growth_per_year": 0.5}), 1 + 0.5 * (MIDDLES - START) / YEAR)
    assert density({"type": "linear", "growth_per_year": -0.5})[-1] == 0
    assert (density({"type": "linear"}) == 1).all()
