from __future__ import annotations

import numpy as np

from datagen.columnar.block import FLOAT, Column, decimal
from datagen.columnar.millionths import millionths


def test_numbers_are_rounded_to_millionths_and_cut_at_the_largest() -> None:
    cells = Column(FLOAT, np.array([1.5, -0.0000014, np.nan, np.inf, 1e300, 7.0]), np.array([True] * 5 + [False]))
    assert millionths(cells, missing=-9, most=2.0**40).tolist() == [1_500_000, -1, -9, -9, 2**40, -9]


def test_decimals_are_exact() -> None:
    cells = Column(decimal(2), np.arange(-50_000, 50_000))
    assert (millionths(cells) == np.arange(-50_000, 50_000) * 10_000).all()
