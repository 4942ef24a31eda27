from typing import Any

import pytest

import datagen
from tests.kinds.expectations.judging import problems, shop

CASES: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "mean", "expression": "amount"}, "$.expectations[0]", "missing"),
    ({"type": "mean", "expression": "amont", "at_least": 1}, "$.expectations[0].expression", "unknown-column"),
    ({"type": "mean", "expression": "status", "at_least": 1}, "$.expectations[0].expression", "type"),
    ({"type": "mean", "expression": "1 + 1", "at_least": 1}, "$.expectations[0].expression", "no-effect"),
    ({"type": "mean", "expression": "amount", "at_least": "2024-01-01"}, "$.expectations[0].at_least", "type"),
    ({"type": "mean", "expression": "amount", "at_least": "nan%"}, "$.expectations[0].at_least", "type"),
    ({"type": "max", "expression": "ordered_at", "at_most": 7}, "$.expectations[0].at_most", "type"),
    ({"type": "mean", "expression": "amount", "between": [9, 1]}, "$.expectations[0].between", "range"),
    ({"type": "mean", "expression": "amount", "equals": 9, "tolerance": -1}, "$.expectations[0].equals", "range"),
    (
        {"type": "mean", "expression": "amount", "at_least": 9, "tolerance": 1},
        "$.expectations[0].tolerance",
        "no-effect",
    ),
    ({"type": "mean", "expression": "amount", "equals": 9, "at_most": 10}, "$.expectations[0].at_most", "duplicate"),
    ({"type": "mean", "expression": "amount", "where": "amount", "at_most": 10}, "$.expectations[0].where", "type"),
    ({"type": "share", "expression": "amount", "at_most": 0.5}, "$.expectations[0].expression", "type"),
    ({"type": "share", "expression": "amount > 3", "at_least": 30}, "$.expectations[0].at_least", "range"),
    ({"type": "share", "expression": "amount > 3", "at_most": 1}, "$.expectations[0].at_most", "no-effect"),
    ({"type": "count", "at_least": 0}, "$.expectations[0].at_least", "no-effect"),
    ({"type": "unique", "columns": ["order_id", "nothing"]}, "$.expectations[0].columns[1]", "unknown-column"),
    ({"type": "unique", "columns": ["note", "note"]}, "$.expectations[0].columns[1]", "duplicate"),
    ({"type": "row_condition", "condition": "amount"}, "$.expectations[0].condition", "type"),
    ({"type": "row_condition", "condition": "1 = 1"}, "$.expectations[0].condition", "no-effect"),
    ({"type": "row_condition", "condition": "(SELECT 1) = 1"}, "$.expectations[0].condition", "not-allowed"),
    ({"type": "unique", "columns": "note", "table": "order"}, "$.expectations[0].table", "unknown-table"),
    ({"type": "averge", "expression": "amount", "at_least": 1}, "$.expectations[0].type", "unknown-kind"),
]


@pytest.mark.parametrize("expectation, place, code", CASES)
def test_an_expectation_that_cannot_be_judged_is_a_problem_at_its_place(
    expectation: dict[str, Any], place: str, code: str
) -> None:
    assert problems(**expectation) == [(place, code)]


def test_the_same_expectation_twice_is_a_problem() -> None:
    one = {"type": "count", "table": "orders", "at_least": 1}
    assert [p.code for p in datagen.check({**shop(), "expectations": [one, {**one, "at_least": 2}]})] == ["duplicate"]


def test_expectations_change_no_value() -> None:
    expecting = {**shop(), "expectations": [{"type": "count", "table": "orders", "at_least": 1}]}
    assert datagen.fingerprint(expecting, scale=0.1) == datagen.fingerprint(shop(), scale=0.1)
