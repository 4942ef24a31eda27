from __future__ import annotations

import numpy as np
from scipy import stats

import datagen
from tests.fakes import column, problems

MONEY = {"type": "lognormal", "median": 25, "sigma": 0.8}


def test_the_numbers_follow_the_distribution():
    assert stats.kstest(column(MONEY, 100_000).data, stats.lognorm(0.8, scale=25).cdf).statistic < 0.006


def test_the_mean_can_be_given_instead():
    values = column({"type": "lognormal", "mean": 25, "sigma": 0.8}, 200_000)
    assert abs(values.data.mean() / 25 - 1) < 0.01


def test_money_is_kept_in_cents():
    values = column({**MONEY, "decimals": 2})
    assert values.data.dtype == np.int64
    assert abs(np.median(values.data) / 2500 - 1) < 0.1


def test_a_median_as_duration_makes_durations():
    assert column({**MONEY, "median": "2h"}).type.name == "duration"


def test_median_and_mean_exclude_each_other():
    assert problems({**MONEY, "mean": 3}) == ["$: needs either a median or a mean, has both; keep one [missing]"]
    assert problems({"type": "lognormal", "sigma": 1}) == [
        "$: needs either a median or a mean, has neither; keep one [missing]"
    ]


def test_a_distribution_without_a_median_or_a_mean_is_a_problem_wherever_the_column_is_read():
    columns = {
        "id": {"type": "key"},
        "size": {"type": "lognormal", "sigma": 0.5},
        "twice": {"type": "expression", "expression": "size * 2"},
    }
    found = datagen.check({"datagen": 1, "name": "wrong", "tables": {"t": {"rows": 3, "columns": columns}}})
    assert ("tables", "t", "columns", "size") in {problem.keys for problem in found}
