import numpy as np
import pytest

from datagen.kinds.behaviors.support.cohorts import Cohorts, begin, number
from datagen.time_units import format_instant, parse_instant


@pytest.mark.parametrize(
    "label, period, starts",
    [
        ("2023", "year", "2023-01-01"),
        ("2023Q4", "quarter", "2023-10-01"),
        ("2024-Q1", "quarter", "2024-01-01"),
        ("2023-12", "month", "2023-12-01"),
    ],
)
def test_a_cohort_begins_with_its_period(label, period, starts):
    assert format_instant(begin(number(label, period), period)) == starts


@pytest.mark.parametrize(
    "label, period",
    [("2023", "month"), ("2023Q5", "quarter"), ("2023-13", "month"), ("23", "year"), ("2023Q1 ", "quarter")],
)
def test_other_spellings_are_refused(label, period):
    with pytest.raises(ValueError, match="is not a"):
        number(label, period)


def test_neighbours_and_gaps():
    cohorts = Cohorts.of("month", {"2023-12": 2.0, "2024-01": 3.0, "2024-05": 4.0})
    months = ["2023-11", "2023-12", "2024-01", "2024-02", "2024-05", "2024-06"]
    born = np.array([parse_instant(f"{month}-15") for month in months])
    assert cohorts.at(born).tolist() == [1.0, 2.0, 3.0, 1.0, 4.0, 1.0]
