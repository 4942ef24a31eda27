from __future__ import annotations

import numpy as np

from tests.fakes import column, problems


def test_first_digits_follow_benford_over_whole_decades():
    cells = column({"type": "log_uniform", "min": 1, "max": 10000, "decimals": 2}, 100_000).as_floats()
    first = (cells / 10 ** np.floor(np.log10(cells))).astype(int)
    for digit in range(1, 10):
        assert abs((first == digit).mean() - np.log10(1 + 1 / digit)) < 0.005


def test_problems():
    assert problems({"type": "log_uniform", "min": 9, "max": 1}) == ["$.min: min 9 is above max 1; swap them [range]"]
