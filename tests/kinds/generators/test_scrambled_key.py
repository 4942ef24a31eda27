from __future__ import annotations

import numpy as np
import pytest

import datagen
from datagen.errors import PlanError
from datagen.random.integers import Permutation
from datagen.random.streams import Stream
from tests.fakes import column


def test_keys_are_unique_and_show_no_order():
    keys = column({"type": "scrambled_key", "digits": 6}, 50_000).data
    assert len(set(keys.tolist())) == 50_000
    assert 100_000 <= keys.min() < keys.max() < 1_000_000
    assert abs(np.corrcoef(keys, np.arange(50_000))[0, 1]) < 0.02


def test_every_key_of_few_digits_is_used():
    assert sorted(column({"type": "scrambled_key", "digits": 2}, 90).data.tolist()) == list(range(10, 100))


def test_a_billion_keys_are_unique_by_the_inverse_of_the_bijection():
    order = Permutation.of(Stream.named(1, "t", "it"), 9 * 10**11)
    rows = np.random.default_rng(3).integers(0, 10**9, 100_000)
    assert (order.inverse(order(rows)) == rows).all()


def test_more_rows_than_keys_are_refused():
    columns = {"it": {"type": "scrambled_key", "digits": 1}}
    with pytest.raises(PlanError, match="9"):
        datagen.plan({"datagen": 1, "name": "a", "tables": {"t": {"rows": 10, "columns": columns}}})
