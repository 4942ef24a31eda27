from datagen.errors import Problem
from datagen.schema.problems.ordering import in_order

RAW = {"b": {"x": 1, "y": [1, 2]}, "a": 3}


def test_places_come_as_the_document_has_them_and_missing_ones_last() -> None:
    keys = [("a",), ("b", "new"), ("b", "y", 1), ("b", "y", 0), ("b",), (), ("b", "x")]
    ordered = [
        problem.keys for problem in in_order([Problem("range", key, f"message {i}") for i, key in enumerate(keys)], RAW)
    ]
    assert ordered == [(), ("b",), ("b", "x"), ("b", "y", 0), ("b", "y", 1), ("b", "new"), ("a",)]


def test_a_problem_found_twice_is_kept_at_its_most_exact_place() -> None:
    deep, shallow = Problem("unknown-key", ("b", "x"), "no 'q' here"), Problem("unknown-key", ("b",), "there is no 'q'")
    other = Problem("unknown-key", ("b",), "there is no 'z'")
    assert set(in_order([shallow, other, deep, deep], RAW)) == {deep, other}


def test_lines_are_those_of_the_nearest_known_place() -> None:
    lines = {(): 1, ("b",): 2, ("b", "y"): 4}
    found = in_order([Problem("range", ("b", "y", 1), "m"), Problem("range", ("b", "new"), "n")], RAW, lines)
    assert [problem.line for problem in found] == [4, 2]
