import numpy as np
import pytest

from datagen.kinds.lifetimes.base import NEVER
from datagen.time_units import MONTH_HOURS
from tests.kinds.lifetimes.lives import months

LAWS = [
    {"type": "exponential", "mean": 10},
    {"type": "sbg", "alpha": 0.7, "beta": 4},
    {"type": "weibull", "shape": 0.7, "scale": 14},
    {"type": "gompertz", "rate": 0.02, "growth": 0.05},
    {"type": "log_logistic", "shape": 1.6, "scale": 8},
    {"type": "lomax", "shape": 1.5, "scale": 12},
]


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law["type"])
def test_the_plateau_is_the_share_that_never_leaves(law):
    plain, cured = months(law), months({**law, "cure_share": 0.25})
    never = cured == NEVER / MONTH_HOURS
    assert never.mean() == pytest.approx(0.25, abs=0.005)
    assert np.array_equal(cured[~never], plain[~never])


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law["type"])
def test_the_unit_is_that_of_the_parameters(law):
    assert months({**law, "unit": "quarter"}) == pytest.approx(np.minimum(months(law) * 3, NEVER / MONTH_HOURS))


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law["type"])
def test_a_life_depends_on_the_entity_alone(law):
    assert np.array_equal(months(law)[:777], months(law, 777))
