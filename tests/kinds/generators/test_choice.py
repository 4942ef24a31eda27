from __future__ import annotations

from collections import Counter

import pytest
from pydantic import ValidationError

import datagen
from datagen.kinds.generators.base import Generator
from tests.fakes import World, column, listed, problems


def choice(values, **more):
    return {"type": "choice", "values": values, **more}


def test_values_come_as_often_as_their_weights_say():
    counts = Counter(listed(column(choice({"a": 5, "b": 3, "c": 2, "never": 0}), 100_000)))
    assert counts.keys() == {"a", "b", "c"}
    assert all(abs(counts[value] / 10_000 - weight) < 0.1 for value, weight in (("a", 5), ("b", 3), ("c", 2)))


def test_listed_values_come_equally_often():
    counts = Counter(listed(column(choice(["x", "y"]), 10_000)))
    assert abs(counts["x"] - counts["y"]) < 300


@pytest.mark.parametrize(
    "values, type_, cells",
    [
        ({"1": 1, "-20": 1}, "int", {1, -20}),
        ([1, 2], "int", {1, 2}),
        (["1", "2"], "category", {"1", "2"}),
        ({"007": 1, "1": 1}, "category", {"007", "1"}),
        ({"9.99": 1, "5": 1, "0.5": 1}, "decimal(2)", {999, 500, 50}),
        ([0.5, 2], "decimal(1)", {5, 20}),
        ({"true": 9, "false": 1}, "bool", {True, False}),
        ([True], "bool", {True}),
        (["a", 1], "category", {"a", "1"}),
    ],
)
def test_the_values_make_the_type(values, type_, cells):
    values = column(choice(values))
    assert str(values.type) == type_
    assert set(listed(values)) == cells


def test_the_type_can_be_declared():
    assert column(choice({"1": 1, "2": 1}, **{"as": "category"})).type.name == "category"
    assert column(choice(["2024-01-01", "2024-02-01"], **{"as": "date"})).type.name == "date"
    assert column(choice(["a", "b"], **{"as": "text"})).type.name == "text"


def test_extreme_weights():
    assert set(listed(column(choice({"a": 1e15, "b": 1e-300})))) == {"a"}
    assert len(set(listed(column(choice([str(i) for i in range(10_000)]), 100_000)))) > 9_900


def test_the_domain_is_every_value_that_can_come():
    world = World({"tables": {"t": {"columns": {"id": {"type": "key"}, "it": choice({"a": 1, "b": 0, "c": 2})}}}})
    assert world.tables["t"].columns["it"].domain(world.scope("t", "it")) == ("a", "c")


@pytest.mark.parametrize(
    "declared, problem",
    [
        (choice({"a": 0, "b": 0}), "$.values: all weights are 0; give at least one value a weight above 0 [range]"),
        (choice(["a", "b", "a", "a"]), "$.values: 'a' is given twice; give values with weights instead [duplicate]"),
        (
            choice({"1": 1, "x": 1}, **{"as": "int"}),
            "$.values.x: 'x' is not of type int; write another value, or another 'as' [type]",
        ),
        (
            choice(["a", "\ud800"]),
            "$.values[1]: the text holds half of a surrogate pair; write another value, or another 'as' [type]",
        ),
        (
            choice([1, "x"], **{"as": "int"}),
            "$.values[1]: 'x' is not of type int; write another value, or another 'as' [type]",
        ),
        (
            choice({"99999999999999999999": 1}),
            (
                "$.values[\"99999999999999999999\"]: '99999999999999999999' is not of "
                "type int; write another value, or another 'as' [type]"
            ),
        ),
    ],
)
def test_problems(declared, problem):
    assert problems(declared) == [problem]


@pytest.mark.parametrize(
    "values", [[], {}, "a", None, {"a": -1}, {"a": "x"}, {"a": None}, [None], [[1]], list(map(str, range(10_001)))]
)
def test_an_invalid_choice_is_refused(values):
    with pytest.raises(ValidationError):
        Generator.parse(choice(values))


@pytest.mark.parametrize(
    "declared, place",
    [
        ({"type": "choice"}, "$.values"),
        ({"type": "choice", "table": "none", "column": "a"}, "$.table"),
        ({"type": "choice", "table": "t", "column": "a"}, "$.table"),
        ({"type": "choice", "values": ["a"], "column": "a"}, "$.column"),
    ],
)
def test_a_table_of_values_must_be_listed(declared, place):
    assert [problem.partition(":")[0] for problem in problems(declared)] == [place]


def test_values_of_weight_0_widen_no_codes(tmp_path):
    """The file's codes have room for the values that can come: 100 of these 200."""
    columns = {"id": {"type": "key"}, "it": choice({f"v{i}": i % 2 for i in range(200)})}
    document = {"datagen": 1, "name": "a", "tables": {"t": {"rows": 300, "columns": columns}}}
    datagen.generate(document, tmp_path, workers=1)
    assert datagen.validate(document, tmp_path).passed
