from __future__ import annotations

import pytest
from scipy import stats

from datagen.time_units import DAY, parse_instant
from tests.fakes import END, START, column, listed, problems

AT = {"type": "event_time"}


def between(one, other):
    return {"type": "time_between", "from": one, "to": other}


def test_every_instant_between_is_equally_likely():
    values = column(between("window_start", "window_end"), 20_000, window=True)
    assert stats.kstest((values.data - START) / (END - START), "uniform").statistic < 0.02


def test_it_lies_between_two_columns():
    later = {"type": "after", "column": "at", "delay": {"type": "exponential", "mean": "3d"}}
    values = column(between("at", "later"), 300, at=AT, later=later)
    at, end = column(AT, 300), column(later, 300, at=AT)
    assert (values.data >= at.data).all()
    assert values.data.sum() < end.data.sum()


def test_nothing_between_is_the_first_one():
    before = {"type": "time_between", "from": "window_start", "to": "at"}
    values, at = column(between("at", "before"), 50, window=True, at=AT, before=before), column(AT, 50)
    assert listed(values) == listed(at)


def test_a_missing_edge_is_a_missing_instant():
    some = {"type": "after", "column": "at", "delay": "1d", "when": "id <= 2"}
    assert [cell is None for cell in listed(column(between("at", "some"), 4, at=AT, some=some))] == [
        False,
        False,
        True,
        True,
    ]


def test_an_end_may_be_a_date():
    values = column(between("2020-01-01", "2020-02-01T12:00:00"), 2_000)
    first = parse_instant("2020-01-01")
    assert stats.kstest((values.data - first) / (31.5 * DAY), "uniform").statistic < 0.04
    assert (column(between("2020-01-01", "at"), 50, at=AT).data < column(AT, 50).data).all()


@pytest.mark.parametrize(
    "declared, problem",
    [
        (
            between("2020-01-01", "2019-01-01"),
            "$.to: '2019-01-01' is not later than '2020-01-01'; name a later time [range]",
        ),
        (between("2020-13-01", "at"), "$.from: there is no column '2020-13-01'; known: at, id, it [unknown-column]"),
        (between("at", "at"), "$.to: 'at' and 'at' are the same; name another column [no-effect]"),
        (between("at", "window_end"), "$: the document has no window; write a 'window' with start and end [no-window]"),
        (between("id", "at"), "$.from: 'id' is a column of type int; name one of type timestamp [type]"),
    ],
)
def test_problems(declared, problem):
    assert problems(declared, at=AT) == [problem]
