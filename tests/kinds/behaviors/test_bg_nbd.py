import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import gammaln

from datagen.analysis import check
from datagen.kinds.behaviors.bg_nbd import purchases
from datagen.schema.reading.read import read
from tests.kinds.behaviors.entities import START, People, effects, problems, shop, times
from tests.kinds.behaviors.purchases import seen

BEHAVIOR = {"type": "bg_nbd", "of": "orders", "unit": "week", "r": 0.8, "alpha": 4.0, "a": 0.8, "b": 2.4}


def cost(logs, x, last, observed):
    """Minus the log likelihood of Fader, Hardie and Lee (2005), equation 6."""
    r, alpha, a, b = np.exp(logs)
    start = (
        gammaln(r + x)
        - gammaln(r)
        + r * np.log(alpha)
        + gammaln(a + b)
        + gammaln(b + x)
        - gammaln(b)
        - gammaln(a + b + x)
    )
    alive = -(r + x) * np.log(alpha + observed)
    left = np.where(x > 0, np.log(a / (b + np.maximum(x, 1) - 1)) - (r + x) * np.log(alpha + last), -np.inf)
    return -(start + np.logaddexp(alive, left)).sum()


@pytest.mark.parametrize("seed", [1, 2])
def test_maximum_likelihood_recovers_the_parameters(seed):
    x, last, observed = seen(BEHAVIOR, 20_000, 0.2, seed=seed)
    found = minimize(cost, np.zeros(4), (x, last, observed), method="L-BFGS-B")
    r, alpha, a, b = np.exp(found.x)
    assert r == pytest.approx(0.8, rel=0.08) and r / alpha == pytest.approx(0.2, rel=0.05)
    assert a / (a + b) == pytest.approx(0.25, rel=0.08) and a == pytest.approx(0.8, rel=0.25)


def test_purchases_until_leaving_are_geometric():
    uniforms = (np.arange(100_000) + 0.5) / 100_000
    counts = purchases(np.full(100_000, 0.25), uniforms)
    assert counts.min() == 1 and counts.mean() == pytest.approx(4, rel=1e-3)
    assert (counts == 1).mean() == pytest.approx(0.25, abs=1e-4)
    assert purchases(np.array([0.0, 1.0]), np.array([0.5, 0.999])).tolist() == [693147180560, 1]


def test_who_is_older_than_the_window_has_bought_before_it():
    _, quota = effects(BEHAVIOR, "orders")
    young, old = (
        People(20_000, {"created_at": times(np.full(20_000, START - years * 365 * 86_400_000_000))}) for years in (0, 5)
    )
    assert (quota.limit(young) == 0).sum() == 0
    assert 0.2 < (quota.limit(old) == 0).mean() < 0.9


def test_alpha_must_agree_with_the_tables_mean():
    assert not problems({**BEHAVIOR, "alpha": None} | {"alpha": 0.8 * 730.5 / 168})
    (problem,) = problems(BEHAVIOR)
    assert "r / alpha is 0.2 per week, but 'orders' has a mean of 0.229979" in problem


def test_a_dispersion_of_the_table_would_come_on_top():
    document = shop({**BEHAVIOR, "alpha": 0.8 * 730.5 / 168})
    document["tables"]["orders"]["rows"]["dispersion"] = 0.5
    (problem,) = check(read(document))
    assert "has its own dispersion in addition to r" in str(problem)
