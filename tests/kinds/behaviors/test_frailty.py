import numpy as np
import pytest
from scipy import stats

from tests.kinds.behaviors.entities import People, effects, problems

N = 100_000


def drawn(law, dispersion, target="orders", seed=1):
    behavior = {"type": "frailty", "of": ["orders", "orders.amount"], "dispersion": dispersion, "law": law}
    (effect,) = effects(behavior, target, seed)
    return effect.factor(People(N))


@pytest.mark.parametrize("dispersion", [0.1, 0.8, 2.5])
@pytest.mark.parametrize("law", ["gamma", "lognormal"])
def test_mean_1_and_the_declared_variance(law, dispersion):
    factors = drawn(law, dispersion)
    assert factors.mean() == pytest.approx(1, abs=4 * np.sqrt(dispersion / N))
    assert factors.var() == pytest.approx(dispersion, rel=0.15 if law == "lognormal" else 0.05)


def test_the_gamma_distribution_itself():
    assert stats.kstest(drawn("gamma", 0.8), stats.gamma(1.25, scale=0.8).cdf).statistic < 0.005


def test_all_targets_share_it_and_seeds_do_not():
    assert np.array_equal(drawn("gamma", 0.8), drawn("gamma", 0.8, "orders.amount"))
    assert abs(np.corrcoef(drawn("gamma", 0.8), drawn("gamma", 0.8, seed=2))[0, 1]) < 0.02


def test_its_truth_is_a_hidden_column():
    assert not problems({"type": "frailty", "of": ["orders"], "dispersion": 0.8, "truth_column": "activity"})


def test_a_bare_name_is_short_for_a_list_of_one():
    bare, listed = (
        effects({"type": "frailty", "of": of, "dispersion": 0.8}, "orders") for of in ("orders", ["orders"])
    )
    assert np.array_equal(bare[0].factor(People(100)), listed[0].factor(People(100)))
