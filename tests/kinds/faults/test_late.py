from __future__ import annotations

from tests.kinds.faults.damage import problems, visits


def test_rows_stand_behind_later_rows_of_their_parent() -> None:
    made = visits({"type": "late", "rate": 0.1, "rows": 2})
    clean, dirty = made.clean.to_pylist(), made.dirty.to_pylist()
    assert sorted(row["visit_id"] for row in dirty) == [row["visit_id"] for row in clean]
    assert [row["person_id"] for row in dirty] == [row["person_id"] for row in clean], "no row leaves its parent"
    moved = made.hit(None)
    assert 0.05 < len(moved) / len(clean) < 0.11
    was = {row["row"]: int(row["was"]) for row in made.key}
    assert all(dirty[i] == clean[was[i]] and i > was[i] for i in moved)
    stayed = [row for i, row in enumerate(dirty) if i not in was]
    assert stayed == [row for i, row in enumerate(clean) if i not in set(was.values())]


def test_a_table_without_a_parent_has_no_order() -> None:
    assert problems({"type": "late", "rate": 0.1, "rows": 2}) == [
        (
            "$.faults.people[0]: 'people' has no parent, so its rows have no order; "
            "use it on a table with a parent [no-parent]"
        )
    ]
