from __future__ import annotations

import pytest
from scipy import stats

from tests.fakes import column, problems

CALLS = {
    "type": "mixture",
    "parts": [
        {"weight": 2, "value": {"type": "normal", "mean": 30, "sd": 5}},
        {"weight": 3, "value": {"type": "normal", "mean": 70, "sd": 9}},
    ],
}


def test_each_distribution_has_its_share():
    cells = column(CALLS, 50_000).data
    distribution = lambda x: 0.4 * stats.norm.cdf(x, 30, 5) + 0.6 * stats.norm.cdf(x, 70, 9)  # noqa: E731
    assert stats.kstest(cells, distribution).statistic < 0.01


def test_most_of_it_can_be_a_constant():
    parts = [{"weight": 9, "value": 0}, {"weight": 1, "value": {"type": "poisson", "mean": 50}}]
    cells = column({"type": "mixture", "parts": parts, "decimals": 0}, 20_000)
    assert cells.type.name == "int"
    assert abs((cells.data == 0).mean() - 0.9) < 0.01


@pytest.mark.parametrize(
    "part, problem",
    [
        (
            {"type": "choice", "values": ["a", "b"]},
            "is no distribution of numbers; use a distribution such as 'normal', or 'choice' for values [type]",
        ),
        (
            {"type": "normal", "mean": "2h", "sd": "1h"},
            "some parts are durations, others are numbers; use one type for all [type]",
        ),
    ],
)
def test_problems(part, problem):
    declared = {"type": "mixture", "parts": [CALLS["parts"][0], {"weight": 1, "value": part}]}
    assert any(problem in reported for reported in problems(declared))
