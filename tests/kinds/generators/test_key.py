from __future__ import annotations

from tests.fakes import column, listed, problems


def test_keys_are_dense_and_ordered():
    assert listed(column({"type": "key"}, 4)) == [1, 2, 3, 4]
    assert listed(column({"type": "key", "start": 1000}, 3)) == [1000, 1001, 1002]


def test_a_key_cannot_be_modified():
    assert problems({"type": "key", "modifiers": [{"type": "nulls", "share": 0.5}]}) == [
        "$.modifiers: a modified key does not identify rows; remove the modifiers [primary-key]"
    ]
