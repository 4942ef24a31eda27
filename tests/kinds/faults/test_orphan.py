from __future__ import annotations

from tests.kinds.faults.damage import problems, visits


def test_keys_lead_to_no_row() -> None:
    made = visits({"type": "orphan", "columns": ["person_id"], "rate": 0.05})
    people = set(made.clean["person_id"].to_pylist())
    lost = [key for key in made.dirty["person_id"].to_pylist() if key not in people]
    assert len(lost) == len(made.key) and 0.03 < len(lost) / made.clean.num_rows < 0.07


def test_other_columns_are_refused() -> None:
    assert problems({"type": "orphan", "columns": ["weight"], "rate": 0.05}, of="visits") == [
        "$.faults.visits[0].columns[0]: column 'weight' is not a foreign key; name a reference or a parent_key [type]"
    ]
