from __future__ import annotations

import numpy as np
import pytest

from tests.fakes import column, problems


def test_bins_come_as_often_as_they_were_counted():
    declared = {"type": "empirical", "edges": [0, 1, 2, 10, 11], "counts": [2, 0, 5, 3]}
    cells = column(declared, 50_000).data
    shares = np.histogram(cells, declared["edges"])[0] / len(cells)
    assert shares[1] == 0
    assert np.abs(shares - np.array([0.2, 0, 0.5, 0.3])).max() < 0.01


def test_equal_quantiles_give_their_value_a_share():
    cells = column({"type": "empirical", "quantiles": [0, 5, 5, 9]}, 30_000).data
    assert abs((cells == 5).mean() - 1 / 3) < 0.01


@pytest.mark.parametrize(
    "declared, problem",
    [
        ({}, "$: needs either 'quantiles', or 'edges' and 'counts'; keep one [missing]"),
        ({"quantiles": [1]}, "$.quantiles: a distribution needs at least two quantiles; write more [range]"),
        ({"quantiles": [1, 3, 2]}, "$.quantiles: 'quantiles' are not in ascending order; sort them [invalid-order]"),
        (
            {"edges": [1, 3], "counts": [1, 2]},
            "$.counts: 2 edges bound 1 bins, but there are 2 counts; write a count for each bin [invalid-value]",
        ),
        ({"edges": [1, 3], "counts": [0]}, "$.counts: counts are 0 or more, and not all 0; correct them [range]"),
    ],
)
def test_problems(declared, problem):
    assert problems({"type": "empirical", **declared}) == [problem]
