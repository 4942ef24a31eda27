import numpy as np
import pytest
from lifelines import WeibullFitter

from tests.kinds.lifetimes.lives import distance, months


def test_lives_are_weibull():
    lives = months({"type": "weibull", "shape": 0.7, "scale": 14})
    assert distance(lives, lambda t: np.exp(-((t / 14) ** 0.7))) < 0.006


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_lifelines_recovers_the_parameters_under_censoring(seed):
    lives = months({"type": "weibull", "shape": 0.7, "scale": 14}, 10_000, seed)
    censored = np.linspace(1, 24, len(lives))
    fitted = WeibullFitter().fit(np.minimum(lives, censored), lives < censored)
    shape, scale = fitted.summary.loc["rho_"], fitted.summary.loc["lambda_"]
    assert abs(shape["coef"] - 0.7) < 3.5 * shape["se(coef)"] and abs(scale["coef"] - 14) < 3.5 * scale["se(coef)"]
