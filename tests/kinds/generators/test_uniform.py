from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from datagen.time_units import DAY, parse_instant
from tests.fakes import column, problems


def test_numbers_are_equally_likely_everywhere():
    values = column({"type": "uniform", "min": -1, "max": 3}, 100_000)
    assert stats.kstest(values.data, stats.uniform(-1, 4).cdf).statistic < 0.006


def test_every_step_between_the_bounds_is_equally_likely():
    """A dice shows each of its six faces; no face at the edge is drawn half as often."""
    counts = np.bincount(column({"type": "uniform", "min": 1, "max": 6, "decimals": 0}, 60_000).data)
    assert counts[0] == 0
    assert np.abs(counts[1:] / 10_000 - 1).max() < 0.04
    cents = column({"type": "uniform", "min": 0.1, "max": 0.3, "decimals": 1}, 1_000)
    assert set(cents.data) == {1, 2, 3}


def test_dates_reach_both_bounds_and_instants_stay_before_the_last():
    days = column({"type": "uniform", "min": "2024-01-01", "max": "2024-01-10", "as": "date"}, 1_000)
    first = parse_instant("2024-01-01")
    assert days.type.name == "date"
    assert set(days.data) == set(range(first // DAY, first // DAY + 10))
    instants = column({"type": "uniform", "min": "2024-01-01", "max": "2024-01-02"}, 1_000)
    assert instants.type.name == "timestamp"
    assert first <= instants.data.min() < instants.data.max() < first + DAY


def test_durations():
    values = column({"type": "uniform", "min": "1h", "max": "3h"})
    assert values.type.name == "duration"
    assert 3.6e9 <= values.data.min() < values.data.max() <= 3 * 3.6e9


@pytest.mark.parametrize(
    "bounds, problem",
    [
        ({"min": 2, "max": 1}, "$.min: min 2 is above max 1; swap them [range]"),
        (
            {"min": 0.2, "max": 0.3, "decimals": 0},
            "$.decimals: no number with 0 decimals between min and max; change 'decimals' [range]",
        ),
        (
            {"min": 0, "max": 1e16, "decimals": 0},
            "$.decimals: too many numbers with 0 decimals between min and max; change 'decimals' [range]",
        ),
        ({"min": "2024-01-01", "max": 3}, "$.max: only one bound is a date; write both as dates [type]"),
        (
            {"min": "2024-01-02", "max": "2024-01-01"},
            "$.min: min 2024-01-02 is after max 2024-01-01; swap them [range]",
        ),
        ({"min": 0, "max": 1, "as": "date"}, "$.as: 'as' is for dates; leave it out [no-effect]"),
        (
            {"min": "1h", "max": 3},
            (
                "$.min: min 1h is above max 3; swap them [range]\n$.max: 3 is a number, but others "
                "are durations; write its unit [type]"
            ),
        ),
        (
            {"min": "2023-01-01", "max": "2024-01-01", "decimals": 1},
            "$.decimals: dates have no decimals; leave 'decimals' out [no-effect]",
        ),
    ],
)
def test_bounds_that_make_no_sense(bounds, problem):
    assert problems({"type": "uniform", **bounds}) == problem.split("\n")
