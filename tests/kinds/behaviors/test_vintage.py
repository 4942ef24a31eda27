import numpy as np
import pytest

from datagen.analysis import check
from datagen.columnar.block import DATE, TIMESTAMP, Column
from datagen.kinds.behaviors.vintage import slope
from datagen.point_process.effects import Aging, Static
from datagen.point_process.rate import age_factor
from datagen.schema.reading.read import read
from datagen.time_units import DAY, HOUR, parse_instant
from tests.kinds.behaviors.entities import START, People, effects, problems, shop, times

POINTS = {"type": "vintage", "unit": "month", "multiply": {"orders": [1.0, 0.75, 0.6]}}
COHORTS = {"period": "quarter", "multiply": {"orders": {"2024Q1": 1.5, "2024Q2": 0.5}}}
TREND = {"type": "trend", "shape": "exponential", "growth_per_year": 0.25, "of": "orders"}


def test_points_hold_for_a_unit_of_age_each_and_the_last_stays():
    (effect,) = effects(POINTS, "orders")
    assert isinstance(effect, Aging)
    assert effect.edges.tolist() == [0, 730, 1461] and effect.values.tolist() == [1.0, 0.75, 0.6]
    assert age_factor(effect, np.array([0, 729 * HOUR, 731 * HOUR, 9000 * HOUR])).tolist() == [1.0, 1.0, 0.75, 0.6]


def test_birth_is_the_moment_of_arrival_unless_another_column_is_named():
    born = People(2, {"created_at": times([START, START + 5])})
    assert effects(POINTS, "orders")[0].born(born).tolist() == [START, START + 5]


def test_birth_can_be_a_date():
    (effect,) = effects({**POINTS, "born": "birthday"}, "orders")
    assert effect.born(People(1, {"birthday": Column(DATE, np.array([3]))})).tolist() == [3 * DAY]


def test_where_a_reference_leads_to_nobody_there_is_no_age():
    (effect,) = effects(POINTS, "orders")
    nobody = Column(TIMESTAMP, np.array([START]), np.array([False]))
    ages = START + 10_000 * HOUR - effect.born(People(1, {"created_at": nobody}))
    assert age_factor(effect, ages).tolist() == [1.0]


def test_a_curve_can_have_a_unit_of_its_own():
    curve = {"type": "points", "values": [1, 2], "unit": "day"}
    (effect,) = effects({**POINTS, "multiply": {"orders": curve}}, "orders")
    assert effect.edges.tolist() == [0, 24]


def test_values_follow_the_curve_itself():
    (effect,) = effects({**POINTS, "multiply": {"orders.amount": {"type": "linear", "slope": 0.5}}}, "orders.amount")
    assert age_factor(effect, np.array([0, 1461 * HOUR])).tolist() == pytest.approx([1.0, 2.0])


def test_cohorts_multiply_by_the_period_of_birth():
    effect = effects({**POINTS, "cohorts": COHORTS}, "orders")[1]
    assert isinstance(effect, Static)
    days = ["2023-12-31T23:59:59", "2024-01-01", "2024-03-31", "2024-04-01", "2024-07-01"]
    born = times([parse_instant(day) for day in days])
    assert effect.factor(People(5, {"created_at": born})).tolist() == [1.0, 1.5, 1.5, 0.5, 1.0]


def test_age_cohort_and_trend_together_need_the_identifying_constraint():
    (problem,) = problems({**POINTS, "cohorts": COHORTS}, TREND)
    assert "are not identifiable" in problem and "not-identifiable" in problem


def test_the_constraint_is_checked():
    (problem,) = problems({**POINTS, "cohorts": COHORTS, "zero_trend": "cohort"}, TREND)
    assert "the cohort multipliers of 'orders' have a linear part (1.1 per unit)" in problem
    level = {"period": "quarter", "multiply": {"orders": {"2024Q1": 1.5, "2024Q2": 0.5, "2024Q3": 1.5}}}
    assert not problems({**POINTS, "cohorts": level, "zero_trend": "cohort"}, TREND)
    assert "age multipliers" in problems({**POINTS, "cohorts": level, "zero_trend": "age"}, TREND)[0]
    hump = {**POINTS, "multiply": {"orders": [0.5, 1, 0.5]}, "cohorts": COHORTS, "zero_trend": "age"}
    assert not problems(hump, TREND)


def test_a_constraint_on_nothing_is_an_error():
    assert "nothing to identify" in problems({**POINTS, "zero_trend": "age"})[0]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"born": "segment"}, "not a timestamp or date"),
        ({"born": "nobody"}, "no column 'nobody'"),
        ({"multiply": {"orders": [2.0, 2.0]}}, "same at every age"),
        ({"multiply": {}}, "multiplies nothing"),
        (
            {"cohorts": {"period": "quarter", "multiply": {"orders": {"2024-01": 2}}}},
            "is not a quarter such as '2023Q2'",
        ),
        ({"cohorts": {"period": "year", "multiply": {"orders": {"2031": 2}}}}, "nobody is born in 2031"),
        ({"cohorts": {"period": "year", "multiply": {"orders": {"2024": 1}}}}, "every cohort has factor 1"),
    ],
)
def test_invalid_or_ineffective_values_are_errors(change, message):
    (problem,) = problems({**POINTS, **change})
    assert message in problem


def test_multipliers_of_1_alone_are_reported_once():
    assert len(problems({**POINTS, "multiply": {"orders": [1, 1]}})) == 1


def test_an_entity_needs_an_age():
    missing = {"born": "left", "multiply": {"orders": [1, 2]}}
    left = {"type": "after", "column": "created_at", "delay": "30d"}
    assert any("can be missing" in problem for problem in problems({**POINTS, **missing}, columns={"left": left}))
    document = shop(POINTS)
    document["tables"]["customers"]["rows"] = 10
    del document["tables"]["customers"]["columns"]["created_at"]
    assert any("have no age" in str(problem) for problem in check(read(document)))


def test_the_slope_is_that_of_the_logarithm():
    assert slope([1.0, 1.1, 1.21, 1.331]) == pytest.approx(0.0953, abs=1e-4)
    assert slope([1.2, 0.9, 1.2]) == pytest.approx(0, abs=1e-12)


def test_zeros_and_single_multipliers_have_none():
    assert slope([0.0, 1.0]) == 0 and slope([2.0]) == 0
