from __future__ import annotations

from tests.kinds.faults.damage import people, problems


def test_values_stand_in_each_others_place() -> None:
    made = people({"type": "swapped", "columns": ["name", "city"], "rate": 0.1})
    hit = made.hit("name")
    assert hit == made.hit("city") and 150 < len(hit) < 250
    for i in hit:
        assert made.dirty["name"][i].as_py() == made.clean["city"][i].as_py()
        assert made.dirty["city"][i].as_py() == made.clean["name"][i].as_py()


def test_columns_of_two_types_are_refused() -> None:
    assert problems({"type": "swapped", "columns": ["name", "person_id"], "rate": 0.1}) == [
        "$.faults.people[0].columns[1]: 'name' is text and 'person_id' is int; name two columns of one type [type]"
    ]
    assert problems({"type": "swapped", "columns": ["name", "name"], "rate": 0.1}) == [
        "$.faults.people[0].columns[1]: both columns are the same; name two columns [no-effect]"
    ]
