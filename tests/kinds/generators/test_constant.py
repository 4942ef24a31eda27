from __future__ import annotations

import pytest
from pydantic import ValidationError

import datagen
from datagen.kinds.generators.base import Generator
from tests.fakes import column, listed, problems


@pytest.mark.parametrize("declared, type_, cell", [
    ({"value": "EUR"}, "category", "EUR"),
    ({"value": "EUR", "as": "text"}, "text", "EUR"),
    ({"value": 7}, "int", 7),
    ({"value": 7, "as": "float"}, "float", 7.0),
    ({"value": 0.25}, "decimal(2)", 25),
    ({"value": True}, "bool", True),
    ({"value": "1970-01-03", "as": "date"}, "date", 2),
    ({"value": "1970-01-01T00:00:01", "as": "timestamp"}, "timestamp", 1_000_000),
    ({"value": "2ms", "as": "duration"}, "duration", 2_000),
])  # fmt: skip
def test_a_value_is_of_the_type_it_looks_like_or_is_said_to_have(declared, type_, cell):
    values = column({"type": "constant", **declared}, 3)
    assert str(values.type) == type_
    assert listed(values) == [cell] * 3


def test_a_value_that_is_not_what_it_is_said_to_be():
    assert problems({"type": "constant", "value": "soon", "as": "date"}) == [
        "$.value: 'soon' is not of type date; write another value, or another 'as' [type]"
    ]
    assert problems({"type": "constant", "value": 1e-12})[0].startswith("$.value: '1e-12' is not of type decimal(12)")


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, 10**30, float("nan"), float("inf")])
def test_what_is_no_single_value_is_refused(value):
    with pytest.raises(ValidationError):
        Generator.parse({"type": "constant", "value": value})


@pytest.mark.parametrize("as_", ["date", "timestamp", "bool", "int", "float"])
def test_a_value_of_another_type_is_a_problem_of_the_document_wherever_the_column_is_read(as_):
    columns = {
        "id": {"type": "key"},
        "word": {"type": "constant", "value": "EUR", "as": as_},
        "words": {"type": "choice", "values": ["EUR", "USD"], "as": as_},
        "reads": {"type": "expression", "expression": "COALESCE(word, words)"},
    }
    found = datagen.check({"datagen": 1, "name": "wrong", "tables": {"t": {"rows": 3, "columns": columns}}})
    assert {problem.keys[3] for problem in found} >= {"word", "words"}
