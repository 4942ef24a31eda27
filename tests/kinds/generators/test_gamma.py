from __future__ import annotations

from scipy import stats

from tests.fakes import column, problems

DECLARED = {"type": "gamma", "mean": 3, "shape": 0.7}


def test_the_numbers_follow_the_distribution():
    assert stats.kstest(column(DECLARED, 100_000).data, stats.gamma(0.7, scale=3 / 0.7).cdf).statistic < 0.006


def test_the_mean_may_be_a_duration():
    assert abs(column({**DECLARED, "mean": "3s"}, 50_000).data.mean() / 3e6 - 1) < 0.03
    assert problems({**DECLARED, "mean": "3s"}) == []
