"""From sums to estimates: log ratios, their covariance, and the strength of a factor."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.validation.metrics.rates.log_ratios import LEAST_EXPECTED, contrast
from datagen.validation.metrics.rates.state import FactorSums, products

PLANTED = np.array([0.5, 1.0, 1.5])


def tally(true, parents=4000, mean=3.0, seed=5, spread=0.0):
    """Counts of parents in three categories whose expectation follows `PLANTED`, and whose truth follows `true`."""
    rng = np.random.default_rng(seed)
    own = rng.gamma(1 / spread, spread, (parents, 1)) if spread else 1.0
    expected = np.tile(PLANTED, (parents, 1)) * mean
    seen = rng.poisson(own * np.array(true) * mean, (parents, 3)).astype(float)
    return FactorSums(
        seen.sum(0), expected.sum(0), products(seen, expected), expected.sum(0)[:, np.newaxis], expected.sum(0)
    )


def test_as_planted_is_strength_1_and_flat_is_strength_0():
    slope, error = contrast(tally(PLANTED)).strength(PLANTED)
    assert slope == pytest.approx(1.0, abs=3 * error)
    slope, error = contrast(tally([1, 1, 1])).strength(PLANTED)
    assert slope == pytest.approx(0.0, abs=0.1)


def test_errors_are_those_of_many_repetitions_with_and_without_spread():
    for spread in (0.0, 0.8):
        found = [contrast(tally(PLANTED, 400, seed=s, spread=spread)).between(2, 0) for s in range(300)]
        values, errors = np.array(found).T
        assert values.std() == pytest.approx(errors.mean(), rel=0.15)


def test_a_category_with_too_little_expected_is_ignored():
    thin = tally(PLANTED, parents=10, mean=LEAST_EXPECTED / 10 / 1.2)
    seen = contrast(thin)
    assert seen.usable.tolist() == [False, False, True]
    assert seen.strength(PLANTED) is None


def test_what_all_share_adds_to_the_error():
    common = np.diag([0.1, 0.1, 0.1])
    plain, noisy = contrast(tally(PLANTED)), contrast(tally(PLANTED), common)
    assert noisy.between(2, 0)[1] ** 2 == pytest.approx(plain.between(2, 0)[1] ** 2 + 0.2)
