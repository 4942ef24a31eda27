from __future__ import annotations

from scipy import stats

from tests.fakes import column, problems

DECLARED = {"type": "normal", "mean": 5, "sd": 2}


def test_the_numbers_follow_the_distribution():
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
        "$.sd: 10 is a number, but others are durations; write its unit [type]"
    ]


def test_a_range_the_wrong_way_round_is_a_problem():
    assert problems({**DECLARED, "min": 3, "max": 1}) == ["$.min: min 3 is above max 1; swap them [range]"]


def test_a_range_finer_than_the_decimals_is_kept_by_every_cell():
    """A bound is no cell where it has more decimals: the next one inside is the first."""
    whole = column({"type": "normal", "mean": 3, "sd": 4, "min": 0.5, "max": 5.5, "decimals": 0}, 10_000)
    assert (whole.data.min(), whole.data.max()) == (1, 5)
    tenths = column({"type": "normal", "mean": 0, "sd": 1, "min": -0.07, "max": 0.07, "decimals": 2}, 10_000)
    assert (tenths.data.min(), tenths.data.max()) == (-7, 7), "0.07 * 100 is above 7 in binary"
    assert problems({**DECLARED, "min": 0.2, "max": 0.3, "decimals": 0}) == [
        "$.decimals: no number with 0 decimals between min and max; change 'decimals' [range]"
    ]
