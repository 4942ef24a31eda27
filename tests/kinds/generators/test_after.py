from __future__ import annotations

import numpy as np
import pytest

from datagen.time_units import DAY
from tests.fakes import END, column, listed, problems

START = {"type": "event_time"}


def after(delay, **more):
    return {"type": "after", "column": "at", "delay": delay, **more}


def test_it_comes_after_by_the_delay():
    """Row i of the stand-in happens i days after the start."""
    values = column(after("2h"), 10, at=START)
    assert np.array_equal(np.diff(values.data), np.full(9, DAY))
    assert values.valid is None


def test_it_never_comes_before():
    values = column(after({"type": "normal", "mean": "0s", "sd": "30d"}), 200, at=START)
    start = column(START, 200)
    assert (values.data >= start.data).all()


def test_what_lies_beyond_the_window_is_open_or_kept():
    values = column(after({"type": "exponential", "mean": "60d"}), 360, window=True, at=START)
    assert 20 < values.missing < 200
    assert values.data[values.valid].max() < END
    kept = column(after({"type": "exponential", "mean": "60d"}, after_window="keep"), 360, window=True, at=START)
    assert kept.valid is None
    assert np.array_equal(kept.data, values.data)


def test_it_is_missing_where_the_condition_does_not_hold():
    values = listed(column(after("1d", when="id <= 3"), 5, at=START))
    assert [cell is None for cell in values] == [False, False, False, True, True]
    unknown = listed(column(after("1d", when="NULLIF(id, 2) <= 3"), 5, at=START))
    assert [cell is None for cell in unknown] == [False, True, False, True, True]


def test_it_is_missing_where_the_other_one_is():
    first = after("1d", when="id <= 3")
    values = listed(column({"type": "after", "column": "first", "delay": "1d"}, 5, at=START, first=first))
    assert [cell is None for cell in values] == [False, False, False, True, True]


@pytest.mark.parametrize(
    "declared, problem",
    [
        (
            after({"type": "normal", "mean": 3, "sd": 1}),
            (
                "$.delay: the delay is of type float; write amounts with "
                "units, such as '2h'; in an expression, INTERVAL 1 SECOND * a "
                "number [type]"
            ),
        ),
        (
            after({"type": "constant", "value": "365d"}),
            (
                "$.delay: the delay is of type category; "
                'write "as": "duration" beside its values, for texts such as \'365d\' [type]'
            ),
        ),
        (
            after("2h", when="id + 1"),
            "$.when: the expression has type int, not bool; write a condition, such as amount > 0 [type]",
        ),
        (
            {"type": "after", "column": "id", "delay": "2h"},
            "$.column: 'id' is a column of type int; name one of type timestamp [type]",
        ),
        (
            after("2 hours"),
            "$.delay.value: '2 hours' is not of type duration; write another value, or another 'as' [type]",
        ),
    ],
)
def test_problems(declared, problem):
    assert problems(declared, at=START) == [problem]
