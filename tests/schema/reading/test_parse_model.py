"""Pydantic's errors become problems of our own words, at exact places."""

from collections.abc import Iterator
from typing import Literal

import pytest

import datagen
from datagen.errors import SchemaError
from datagen.kinds.generators.base import Generator
from datagen.registry import Strict
from datagen.schema.reading.read import read
from datagen.time_units import Duration


class Inner(Strict):
    low: int
    high: int = 0


@pytest.fixture
def kind() -> Iterator[None]:
    """A generator with unions of every sort, for as long as a test needs it."""

    class Odd(Generator):
        type: Literal["odd"] = "odd"
        either: int | list[int] | dict[str, Inner] = 0
        delay: Duration | Generator = 0
        unit: Literal["hour", "day", "week"] = "day"

    yield
    del Generator.members["odd"]


def reported(**fields: object) -> list[str]:
    columns = {"id": {"type": "key"}, "x": {"type": "odd", **fields}}
    with pytest.raises(SchemaError) as caught:
        read({"datagen": 1, "name": "a", "tables": {"t": {"rows": 1, "columns": columns}}})
    return [str(problem).removeprefix("$.tables.t.columns.x") for problem in caught.value.problems]


@pytest.mark.usefixtures("kind")
@pytest.mark.parametrize(
    "field, value, expected",
    [
        ("either", None, [".either: needs a whole number, a list or an object, not null [type]"]),
        ("either", [1, "a"], [".either[1]: needs a whole number, not 'a' [type]"]),
        ("either", {"a": {}}, [".either.a.low: 'low' is missing [missing]"]),
        (
            "either",
            {"a": {"low": 1, "hihg": 2}, "b": 3},
            [
                ".either.a.hihg: unknown key 'hihg'; did you mean 'high'? [unknown-key]",
                ".either.b: needs an object, not 3; its keys: high, low [type]",
            ],
        ),
        (
            "delay",
            "soon",
            [".delay: 'soon' is not a duration such as '90s', '2h', '30d', '3mo' or '1y' [invalid-value]"],
        ),
        ("delay", {"type": "oddd"}, [".delay.type: has an unknown type 'oddd'; did you mean 'odd'? [unknown-kind]"]),
        ("delay", {"type": "odd", "unit": 3}, [".delay.unit: needs 'hour', 'day' or 'week', not 3 [invalid-value]"]),
        ("unit", "hours", [".unit: needs 'hour', 'day' or 'week', not 'hours'; did you mean 'hour'? [invalid-value]"]),
    ],
)
def test_of_a_union_only_what_was_meant_is_reported(field: str, value: object, expected: list[str]) -> None:
    assert reported(**{field: value}) == expected


@pytest.mark.usefixtures("kind")
def test_problems_come_in_the_order_of_the_document() -> None:
    assert [line.partition(":")[0] for line in reported(unit="x", zzz=1, delay=None, either=None)] == [
        ".unit",
        ".zzz",
        ".delay",
        ".either",
    ]


def test_the_keys_of_a_kind_beside_the_key_that_it_belongs_in_are_one_problem() -> None:
    parts = [{"weight": 3, "type": "normal", "mean": 5, "sd": 1}, {"weight": 1, "value": 0}]
    columns = {"id": {"type": "key"}, "x": {"type": "mixture", "parts": parts}}
    (problem,) = datagen.check({"datagen": 1, "name": "m", "tables": {"t": {"rows": 5, "columns": columns}}})
    assert (problem.place, problem.code) == ("$.tables.t.columns.x.parts[0].value", "missing")
    assert problem.hint == 'write "value": {"type": ...}, with the keys of the kind in it'


def test_the_size_of_a_mapping_that_is_not_counted_is_left_out() -> None:
    fields = dict.fromkeys((f"k{number}" for number in range(300)), "id")
    columns = {"id": {"type": "key"}, "x": {"type": "json", "fields": fields}}
    (problem,) = datagen.check({"datagen": 1, "name": "m", "tables": {"t": {"rows": 5, "columns": columns}}})
    assert problem.message == "needs at most 200 in it"
