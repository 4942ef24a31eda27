from __future__ import annotations

from tests.fakes import column, problems


def test_the_first_count_is_the_most_frequent():
    cells = column({"type": "geometric", "mean": 3, "first": 1}, 50_000).data
    assert cells.min() == 1
    assert abs(cells.mean() - 3) < 0.05
    assert abs((cells == 1).mean() - 1 / 3) < 0.01


def test_the_mean_lies_above_the_first():
    assert problems({"type": "geometric", "mean": 1, "first": 1}) == [
        "$.mean: the mean 1 is not above 1; raise it [range]"
    ]
