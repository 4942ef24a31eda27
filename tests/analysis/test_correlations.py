"""Problems of correlations: each at its place, with what to write instead."""

from __future__ import annotations

from typing import Any

import pytest

import datagen

COLUMNS: dict[str, Any] = {
    "id": {"type": "key"},
    "a": {"type": "normal", "mean": 0, "sd": 1},
    "b": {"type": "uniform", "min": 0, "max": 1},
    "c": {"type": "gamma", "shape": 2, "mean": 1},
    "grade": {"type": "choice", "values": [3, 1, 2]},
    "rank": {"type": "choice", "values": [1, 2, 3]},
    "by_rank": {"type": "case", "column": "rank", "cases": {"1": {"type": "normal", "mean": 0, "sd": 1}}, "default": 7},
    "by_text": {"type": "case", "column": "rank", "cases": {"1": {"type": "uuid"}}, "default": "x"},
    "name": {"type": "person_name"},
    "late": {"type": "expression", "expression": "a * 2"},
}


def problems(*correlations: Any) -> list[str]:
    document = {
        "datagen": 1, "name": "t", "tables": {"t": {"rows": 9, "columns": COLUMNS, "correlations": list(correlations)}},
    }  # fmt: skip
    return [str(problem).removeprefix("$.tables.t.correlations") for problem in datagen.check(document)]


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        ({"columns": ["a", "b"]}, "[0]: has neither rho nor tau nor a matrix"),
        ({"columns": ["a", "b"], "rho": 0.1, "tau": 0.2}, "[0]: has rho and tau"),
        ({"columns": ["a", "b"], "rho": 1}, "[0].rho"),
        ({"columns": ["a", "b"], "rho": 0}, "[0].rho: columns are uncorrelated by default"),
        ({"columns": ["a"], "rho": 0.5}, "[0].columns"),
        ({"columns": ["a", "a"], "rho": 0.5}, "[0].columns: 'a' is given twice"),
        ({"columns": ["a", "b", "c"], "rho": 0.5}, "[0].rho: 'rho' is for two columns, not 3"),
        ({"columns": ["a", "bb"], "rho": 0.5}, "[0].columns[1]: 't' has no column 'bb'; did you mean 'b'?"),
        ({"columns": ["a", "id"], "rho": 0.5}, "[0].columns[1]: 'id' cannot be correlated: cells of type 'key'"),
        ({"columns": ["a", "name"], "rho": 0.5}, "[0].columns[1]: 'name' cannot be correlated"),
        ({"columns": ["b", "late"], "rho": 0.5}, "[0].columns[1]: 'late' cannot be correlated"),
        ({"columns": ["a", "grade"], "rho": 0.5}, "[0].columns[1]: 'grade' cannot be correlated: its values are not"),
        ({"columns": ["a", "by_text"], "rho": 0.5}, "[0].columns[1]: 'by_text' cannot be correlated: in one of its"),
        ({"columns": ["rank", "by_rank"], "rho": 0.5}, "[0]: 'by_rank' depends on 'rank' already"),
        ({"columns": ["a", "b"], "matrix": [[1, 0.5]]}, "[0].matrix: needs 2 rows of 2 numbers"),
        ({"columns": ["a", "b"], "matrix": [[1, 0.5], [0.4, 1]]}, "[0].matrix[1][0]: 'a' and 'b' have 0.5 above"),
        ({"columns": ["a", "b"], "matrix": [[2, 0.5], [0.5, 1]]}, "[0].matrix[0][0]: 'a' with itself must be 1"),
        ({"columns": ["a", "b"], "matrix": [[1, 1.5], [1.5, 1]]}, "[0].matrix[0][1]: 'a' and 'b' have 1.5"),
        ({"columns": ["a", "b"], "matrix": [[1, 0], [0, 1]]}, "[0].matrix: columns are uncorrelated"),
    ],
)
def test_an_unsupported_request_is_a_problem_at_its_place(declared: dict[str, Any], message: str) -> None:
    found = problems(declared)
    assert len(found) == 1 and found[0].startswith(message), found


def test_a_pair_that_is_not_positive_definite_is_named_with_what_would_be() -> None:
    found = problems(
        {"columns": ["a", "b"], "rho": 0.9}, {"columns": ["b", "c"], "rho": 0.9}, {"columns": ["c", "a"], "rho": 0.1}
    )
    assert len(found) == 1 and found[0].startswith("[1]: the correlations are not positive definite: 'b' and 'c'")
    assert "between -0.344 and 0.524" in found[0]


def test_a_pair_that_is_not_named_can_be_the_one_that_is_missing() -> None:
    found = problems({"columns": ["a", "b"], "rho": 0.8}, {"columns": ["a", "c"], "rho": 0.8})
    assert len(found) == 1 and "'b' and 'c' are not declared, which means 0" in found[0]
    assert "between 0.280 and 1.000" in found[0]


def test_a_pair_stands_once() -> None:
    found = problems({"columns": ["a", "b"], "rho": 0.4}, {"columns": ["b", "a"], "tau": 0.4})
    assert len(found) == 1 and found[0].startswith("[1]: 'b' and 'a' are already correlated by an earlier entry")


def test_a_broken_entry_hides_no_other_problem() -> None:
    found = problems({"columns": ["a", "b"], "rho": "x"}, {"columns": ["a", "id"], "rho": 0.5})
    assert [one.split(":")[0] for one in found] == ["[0].rho", "[1].columns[1]"]
    assert len(problems("a")) == 1
