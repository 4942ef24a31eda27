from __future__ import annotations

from collections import Counter

from tests.fakes import column, listed, problems

RATINGS = {
    "type": "map",
    "keys": {"taste": 1, "look": 0.25, "never": 0},
    "values": {"type": "uniform", "min": 1, "max": 5, "decimals": 0},
}


def test_each_key_is_there_with_its_share() -> None:
    cells = listed(column(RATINGS, 4000))
    found = Counter(key for cell in cells for key, _ in cell)
    assert found["taste"] == 4000
    assert found["never"] == 0
    assert abs(found["look"] / 4000 - 0.25) < 0.03
    assert all(1 <= value <= 5 for cell in cells for _, value in cell)


def test_values_read_the_columns_of_their_row() -> None:
    made = column(
        {"type": "map", "keys": {"a": 1, "b": 1}, "values": {"type": "expression", "expression": "id + 1"}}, 2
    )
    assert listed(made) == [[("a", 2), ("b", 2)], [("a", 3), ("b", 3)]]


def test_values_cannot_be_keys() -> None:
    assert any("$.values" in found for found in problems({**RATINGS, "values": {"type": "key"}}))
