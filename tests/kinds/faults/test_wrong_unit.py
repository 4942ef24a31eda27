from __future__ import annotations

from tests.kinds.faults.damage import problems, visits


def test_numbers_are_multiplied_and_rounded_to_their_decimals() -> None:
    made = visits({"type": "wrong_unit", "columns": ["weight"], "rate": 0.1, "factor": 2.2046})
    hit = made.hit("weight")
    assert hit
    for i in hit:
        assert made.dirty["weight"][i].as_py() == round(round(made.clean["weight"][i].as_py() * 22.046) / 10, 1)


def test_a_factor_of_one_and_text_are_refused() -> None:
    assert problems({"type": "wrong_unit", "columns": ["weight"], "rate": 0.1, "factor": 1}, of="visits") == [
        "$.faults.visits[0].factor: a factor of 1 changes nothing; choose another one [no-effect]"
    ]
    assert problems({"type": "wrong_unit", "columns": ["name"], "rate": 0.1, "factor": 2}) == [
        "$.faults.people[0].columns[0]: column 'name' is text, not a number; name a column of numbers [type]"
    ]
