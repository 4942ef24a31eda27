import numpy as np
import pytest

from tests.kinds.behaviors.entities import START, People, effects, problems, times
from tests.kinds.behaviors.purchases import seen

BEHAVIOR = {"type": "pareto_nbd", "of": "orders", "unit": "week", "r": 0.8, "s": 0.9, "beta": 11.0}
WEEK = 168 * 3_600_000_000


def test_lives_are_lomax():
    _, life = effects(BEHAVIOR, "orders")
    ((start, end),) = life.spells(People(100_000, {"created_at": times(np.full(100_000, START))}))
    weeks = (end - start) / WEEK
    for t in (1, 5, 20, 80):
        assert (weeks > t).mean() == pytest.approx((11 / (11 + t)) ** 0.9, abs=0.006)


def test_expected_purchases_follow_the_model():
    """E[X(t)] = r beta / (alpha (s - 1)) (1 - (beta / (beta + t)) ^ (s - 1)), equation 17 of the source."""
    x, _, observed = seen(BEHAVIOR, 20_000, 0.2)
    expected = 0.2 * 11 / (0.9 - 1) * (1 - (11 / (11 + observed)) ** (0.9 - 1))
    assert x.mean() == pytest.approx(expected.mean(), rel=0.045)  # a standard error is 1.3 %
    for low, high in ((0, 15), (15, 35), (35, 60)):
        cohort = (observed >= low) & (observed < high)
        assert x[cohort].mean() == pytest.approx(expected[cohort].mean(), rel=0.1)


def test_rates_and_lives_are_independent():
    static, life = effects(BEHAVIOR, "orders")
    people = People(50_000, {"created_at": times(np.full(50_000, START))})
    ((_, end),) = life.spells(people)
    rates = static.factor(people)
    assert rates.mean() == pytest.approx(1, abs=0.03) and rates.var() == pytest.approx(1 / 0.8, rel=0.06)
    assert abs(np.corrcoef(np.argsort(np.argsort(rates)), np.argsort(np.argsort(end)))[0, 1]) < 0.015


def test_its_truth_is_a_hidden_column():
    assert not problems({**BEHAVIOR, "truth_column": "alive_until"})


def test_it_multiplies_rates_only():
    assert any("only bounds when events happen" in problem for problem in problems({**BEHAVIOR, "of": "orders.amount"}))
