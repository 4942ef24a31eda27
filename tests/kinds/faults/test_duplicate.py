from __future__ import annotations

from tests.kinds.faults.damage import people, problems


def test_exact_copies_follow_their_row() -> None:
    made = people({"type": "duplicate", "rate": 0.1, "copies": 2})
    rows = made.dirty.to_pylist()
    copies = made.hit(None)
    assert len(rows) == made.clean.num_rows + len(copies)
    assert all(rows[i] == rows[i - 1] for i in copies)
    assert [row for i, row in enumerate(rows) if i not in set(copies)] == made.clean.to_pylist()
    assert 0.08 < len(copies) / 2 / made.clean.num_rows < 0.12


def test_near_copies_have_faults_of_their_own() -> None:
    change = {"type": "letter_case", "columns": ["city"], "rate": 1}
    made = people({"type": "duplicate", "rate": 0.1, "changes": [change]})
    rows = made.dirty.to_pylist()
    for i in made.hit(None):
        assert rows[i] == {**rows[i - 1], "city": rows[i - 1]["city"].upper()}
    assert [row for i, row in enumerate(rows) if i not in set(made.hit(None))] == made.clean.to_pylist()


def test_a_copy_cannot_be_copied() -> None:
    assert problems({"type": "duplicate", "rate": 0.1, "changes": [{"type": "duplicate", "rate": 1}]}) == [
        "$.faults.people[0].changes[0]: a copy cannot have the fault 'duplicate'; use one for single cells [conflict]"
    ]
