from __future__ import annotations

from scipy import stats

from tests.fakes import column, problems

DECLARED = {"type": "normal", "mean": 5, "sd": 2}


def test_the_numbers_follow_the_law():
    assert stats.kstest(column(DECLARED, 100_000).data, stats.norm(5, 2).cdf).statistic < 0.006


def test_range_and_decimals_come_last_after_every_multiplier():
    values = column({**DECLARED, "min": 0, "max": 12, "decimals": 1}, effect=lambda rows: 3.0)
    assert str(values.type) == "decimal(1)"
    assert values.data.min() == 0
    assert values.data.max() == 120


def test_no_decimals_make_integers():
    assert column({**DECLARED, "decimals": 0}).type.name == "int"


def test_durations_are_written_together():
    assert column({"type": "normal", "mean": "2h", "sd": "10min"}).type.name == "duration"
    assert problems({"type": "normal", "mean": "2h", "sd": 10}) == [
        "$.sd: 10 is a number where others are durations; write its unit [type]"
    ]


def test_a_range_the_wrong_way_round_is_a_problem():
    assert problems({**DECLARED, "min": 3, "max": 1}) == ["$.min: min 3 is above max 1; swap them [range]"]
