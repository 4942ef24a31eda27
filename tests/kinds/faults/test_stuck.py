from __future__ import annotations

from tests.kinds.faults.damage import problems, visits


def test_a_reading_is_repeated_by_the_next_rows_of_the_same_parent() -> None:
    made = visits({"type": "stuck", "columns": ["weight"], "rate": 0.05, "rows": 3})
    clean, dirty = (table.to_pylist() for table in (made.clean, made.dirty))
    hit = set(made.hit("weight"))
    assert hit
    for i in hit:
        before = [j for j in range(max(i - 3, 0), i) if clean[j]["person_id"] == clean[i]["person_id"]]
        assert dirty[i]["weight"] in [clean[j]["weight"] for j in before]
    assert all(dirty[i] == clean[i] for i in range(len(clean)) if i not in hit)


def test_a_table_without_a_parent_has_no_order() -> None:
    assert problems({"type": "stuck", "columns": ["name"], "rate": 0.1, "rows": 2}) == [
        (
            "$.faults.people[0]: 'people' has no parent, so its rows have no order; "
            "use it on a table with a parent, such as readings of devices [no-parent]"
        )
    ]
