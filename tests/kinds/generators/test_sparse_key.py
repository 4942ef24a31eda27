from __future__ import annotations

import datagen
from tests.fakes import column, listed, problems


def test_the_first_numbers_of_every_block_are_keys():
    keys = listed(column({"type": "sparse_key", "used": 8, "of": 32}, 20))
    assert keys == [*range(1, 9), *range(33, 41), *range(65, 69)]
    assert listed(column({"type": "sparse_key", "used": 1, "of": 10, "start": 100}, 3)) == [100, 110, 120]


def test_it_is_the_key_of_rows_below_and_of_rows_that_refer_to_it():
    tables = {
        "orders": {
            "rows": 30,
            "primary_key": "order",
            "columns": {"order": {"type": "sparse_key", "used": 2, "of": 5}},
        },
        "lines": {
            "parent": "orders",
            "rows": {"type": "per_parent", "count": 2},
            "columns": {"order": {"type": "parent_key"}, "other": {"type": "reference", "table": "orders"}},
        },
    }
    made = datagen.preview({"datagen": 1, "name": "orders", "tables": tables}, rows=100)
    keys = made["orders"]["order"].to_pylist()
    assert made["lines"]["order"].to_pylist() == [key for key in keys for _ in range(2)]
    assert set(made["lines"]["other"].to_pylist()) <= set(keys) and keys[:3] == [1, 2, 6]


def test_no_gap_is_a_problem():
    assert "leaves no gap" in problems({"type": "sparse_key", "used": 4, "of": 4})[0]
