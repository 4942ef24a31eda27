from __future__ import annotations

from scipy import stats

from tests.fakes import column, problems

DECLARED = {"type": "exponential", "mean": 3}


def test_the_numbers_follow_the_distribution():
    assert stats.kstest(column(DECLARED, 100_000).data, stats.expon(scale=3).cdf).statistic < 0.006


def test_a_duration_makes_durations():
    values = column({"type": "exponential", "mean": "2h"}, 100_000)
    assert values.type.name == "duration"
    assert abs(values.data.mean() / 7.2e9 - 1) < 0.02
    assert problems({"type": "exponential", "mean": "2h", "decimals": 2}) == [
        "$.decimals: durations have no decimals; leave 'decimals' out [no-effect]"
    ]
