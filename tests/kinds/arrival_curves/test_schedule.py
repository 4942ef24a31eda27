from itertools import pairwise

import pytest

from datagen.api import preview
from datagen.kinds.arrival_curves.base import arriving
from tests.kinds.arrival_curves.shapes import density, hour, problems

PERIODS = [
    {"from": "2023-01-01", "count": 50},
    {"from": "2023-06-01T12:30:00", "count": 120},
    {"from": "2023-07-01", "to": "2023-09-01", "count": 0},
    {"from": "2024-01-01", "to": "2024-06-01", "count": 30},
]


def schedule(*periods):
    return {"type": "schedule", "periods": list(periods)}


def test_every_period_has_its_number_and_nobody_comes_in_between():
    rates = density(schedule(*PERIODS))
    edges = [0, hour("2023-07-01"), hour("2024-01-01"), hour("2024-06-01")]
    assert [rates[a:b].sum() for a, b in pairwise(edges)] == pytest.approx([170, 0, 30])
    assert rates[hour("2024-06-01") :].sum() == 0
    before = rates[: hour("2023-06-01T12:00:00")].sum() + rates[0] / 2
    assert before == pytest.approx(50)


def test_numbers_are_exact_where_their_sum_is_the_count():
    users = preview(arriving(schedule(*PERIODS)), rows=500)["users"]
    joined = users.column("joined_at").to_pandas()
    assert (joined < "2023-06-01T12:30:00").sum() == 50
    assert (joined >= "2024-01-01").sum() == 30


@pytest.mark.parametrize(
    "periods, expected",
    [
        ([{"from": "2023-01-01", "count": 5}], ["missing curve.periods.0"]),
        ([{"from": "2023-01-01", "to": "2023-02-01", "count": 0}], ["range curve.periods.0.count"]),
        ([{"from": "2023-02-01", "to": "2023-01-01", "count": 1}], ["range curve.periods.0"]),
        (
            [{"from": "2023-02-01", "count": 1}, {"from": "2023-01-01", "to": "2023-03-01", "count": 1}],
            ["range curve.periods.0"],
        ),
        (
            [
                {"from": "2023-01-01", "to": "2023-03-01", "count": 1},
                {"from": "2023-02-01", "to": "2023-04-01", "count": 1},
            ],
            ["range curve.periods.1"],
        ),
        ([{"from": "2027-01-01", "to": "2027-03-01", "count": 1}], ["no-effect curve.periods.0.from"]),
    ],
)
def test_an_invalid_schedule_is_reported(periods, expected):
    assert problems(schedule(*periods)) == expected
