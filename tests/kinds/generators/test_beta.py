from __future__ import annotations

from scipy import stats

from tests.fakes import column, problems

DECLARED = {"type": "beta", "a": 5, "b": 2, "min": 10, "max": 20}


def test_the_numbers_follow_the_distribution():
    assert stats.kstest(column(DECLARED, 100_000).data, stats.beta(5, 2, loc=10, scale=10).cdf).statistic < 0.006


def test_the_bounds_hold_and_may_be_durations():
    values = column({**DECLARED, "min": "1h", "max": "2h"}, 10_000)
    assert values.type.name == "duration"
    assert 3.6e9 <= values.data.min() < values.data.max() <= 7.2e9
    assert problems({**DECLARED, "min": 30}) == ["$.min: min 30 is above max 20; swap them [range]"]
