from __future__ import annotations

from tests.kinds.faults.damage import people


def test_the_first_characters_are_kept() -> None:
    made = people({"type": "truncated", "columns": ["city"], "rate": 1, "length": 5}, rows=100)
    assert set(made.dirty["city"].to_pylist()) == {"Oslo", "Malmö"} and not made.key
    made = people({"type": "truncated", "columns": ["city"], "rate": 1, "length": 4}, rows=100)
    assert set(made.dirty["city"].to_pylist()) == {"Oslo", "Malm"}
    assert set(
        people({"type": "truncated", "columns": ["city"], "rate": 1, "length": 0}).dirty["city"].to_pylist()
    ) == {""}
