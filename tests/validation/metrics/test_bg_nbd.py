"""The likelihood of buying until one leaves is that of the model, and its score vanishes on average
where it is true.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from datagen.point_process.factors import BgNbdDropout
from datagen.validation.metrics.bg_nbd import likelihood, scores

R, A, B, MEAN = 0.7, 0.9, 3.0, 1.3


def logs(r, mean, a, b):
    return np.log([r, mean, a / b, a + b])


@pytest.mark.parametrize(("number", "until", "total"), [(0, 0.0, 4.0), (1, 2.5, 4.0), (6, 3.9, 4.0), (6, 1.0, 9.0)])
def test_it_is_that_of_purchases_at_a_gamma_rate_until_a_beta_chance_strikes(number, until, total):
    """By Gauss quadrature over both, up to what does not depend on the parameters."""
    found = []
    for r, mean, a, b in ((R, MEAN, A, B), (1.6, 0.8, 1.5, 2.0)):
        rates, rate_weights = special.roots_genlaguerre(80, r - 1)
        points, chance_weights = special.roots_jacobi(80, b - 1, a - 1)
        rate, chance = rates[:, None] * mean / r, (points[None, :] + 1) / 2
        alive = (1 - chance) ** number * rate**number * np.exp(-rate * total)
        left = chance * (1 - chance) ** (number - 1) * rate**number * np.exp(-rate * until) if number else 0.0
        mean_of = rate_weights @ (alive + left) @ chance_weights / rate_weights.sum() / chance_weights.sum()
        own = likelihood(logs(r, mean, a, b), np.array([number]), np.array([until]), np.array([total]))[0]
        found.append(own - np.log(mean_of))
    assert found[0] == pytest.approx(found[1], abs=1e-4)


def bought(customers, rng):
    """Purchases of so many customers, the last of them when, over lives of different lengths."""
    rate, chance = rng.gamma(R, 1 / R, customers), rng.beta(A, B, customers)
    total = rng.uniform(0, 30, customers)
    staying = rng.geometric(chance)
    times = np.cumsum(rng.exponential(1 / rate[:, None], (customers, 300)), axis=1)
    number = np.minimum((times < total[:, None]).sum(axis=1), staying)
    until = np.where(number > 0, times[np.arange(customers), np.maximum(number - 1, 0)], 0.0)
    return number, until, total


def test_the_score_is_nothing_on_average_and_varies_as_its_products_say():
    score = scores(BgNbdDropout(R, A, B), *bought(40_000, np.random.default_rng(3)))
    z = score.sum(axis=1) / np.sqrt((score * score).sum(axis=1))
    assert (np.abs(z) < 3).all()


def test_customers_without_purchases_have_a_likelihood_too():
    found = likelihood(logs(R, MEAN, A, B), np.zeros(2, np.int64), np.zeros(2), np.array([0.0, 5.0]))
    assert found[0] == pytest.approx(0.0)
    assert found[1] == pytest.approx(R * np.log(R / (R + MEAN * 5.0)))
