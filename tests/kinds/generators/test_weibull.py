from __future__ import annotations

from scipy import stats

from tests.fakes import column, problems

DECLARED = {"type": "weibull", "scale": 400, "shape": 1.6}


def test_the_numbers_follow_the_distribution():
    assert stats.kstest(column(DECLARED, 100_000).data, stats.weibull_min(1.6, scale=400).cdf).statistic < 0.006


def test_the_scale_may_be_a_duration():
    assert column({**DECLARED, "scale": "400d"}).type.name == "duration"
    assert problems({**DECLARED, "scale": "400d"}) == []
