import numpy as np

from tests.kinds.lifetimes.lives import distance, months


def test_the_hazard_grows_exponentially():
    lives = months({"type": "gompertz", "rate": 0.02, "growth": 0.05})
    assert distance(lives, lambda t: np.exp(-0.02 / 0.05 * np.expm1(0.05 * t))) < 0.006
