from __future__ import annotations

import numpy as np

from tests.fakes import column, problems


def test_mean_and_variance_are_the_same():
    cells = column({"type": "poisson", "mean": 3}, 100_000)
    assert cells.type.name == "int"
    assert abs(cells.data.mean() - 3) < 0.03 and abs(cells.data.var() - 3) < 0.06


def test_a_multiplier_keeps_the_mean_of_small_counts():
    cells = column({"type": "poisson", "mean": 0.8}, 100_000, effect=lambda rows: np.full(len(rows), 1.3))
    assert abs(cells.data.mean() - 0.8 * 1.3) < 0.02


def test_problems():
    assert problems({"type": "poisson", "mean": 3, "decimals": 2}) == [
        "$.decimals: whole numbers have no decimals; leave 'decimals' out [no-effect]"
    ]
