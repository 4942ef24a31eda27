"""Integers below a bound are the upper half of a product of 128 bits."""

from __future__ import annotations

import numpy as np
import pytest

from datagen.random.integers import uniform_below
from datagen.random.streams import root_identities

WORDS = np.concatenate((root_identities(np.arange(200)), np.array([0, 1, 2**32 - 1, 2**32, 2**64 - 1], np.uint64)))


@pytest.mark.parametrize("bound", [1, 7, 2**32 - 1, 2**32, 2**40 + 3, 2**63 - 1])
def test_products_are_exact(bound: int) -> None:
    expected = [word * bound >> 64 for word in WORDS.tolist()]
    assert uniform_below(WORDS, bound).tolist() == expected
    assert uniform_below(WORDS, np.full(len(WORDS), bound)).tolist() == expected
