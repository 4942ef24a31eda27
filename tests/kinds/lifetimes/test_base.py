import numpy as np
import pytest

from datagen.kinds.lifetimes.base import NEVER
from datagen.time_units import MONTH_HOURS
from tests.kinds.lifetimes.lives import months

DISTRIBUTIONS = [
    {"type": "exponential", "mean": 10},
    {"type": "sbg", "alpha": 0.7, "beta": 4},
    {"type": "weibull", "shape": 0.7, "scale": 14},
    {"type": "gompertz", "rate": 0.02, "growth": 0.05},
    {"type": "log_logistic", "shape": 1.6, "scale": 8},
    {"type": "lomax", "shape": 1.5, "scale": 12},
]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda distribution: distribution["type"])
def test_the_plateau_is_the_share_that_never_leaves(distribution):
    plain, cured = months(distribution), months({**distribution, "cure_share": 0.25})
    never = cured == NEVER / MONTH_HOURS
    assert never.mean() == pytest.approx(0.25, abs=0.005)
    assert np.array_equal(cured[~never], plain[~never])


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda distribution: distribution["type"])
def test_the_unit_is_that_of_the_parameters(distribution):
    assert months({**distribution, "unit": "quarter"}) == pytest.approx(
        np.minimum(months(distribution) * 3, NEVER / MONTH_HOURS)
    )


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda distribution: distribution["type"])
def test_a_life_depends_on_the_entity_alone(distribution):
    assert np.array_equal(months(distribution)[:777], months(distribution, 777))
