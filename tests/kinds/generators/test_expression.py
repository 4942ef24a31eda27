from __future__ import annotations

import pytest

from datagen.errors import RunError
from datagen.kinds.generators.support.examples import shop
from tests.fakes import World, column, listed, problems

PRICE = {"type": "choice", "values": {"10.05": 1, "-10.05": 1}}


def compute(text, **more):
    return {"type": "expression", "expression": text, **more}


def test_the_type_is_that_of_the_expression():
    assert str(column(compute("price * 2"), price=PRICE).type) == "decimal(2)"
    assert column(compute("price > 0"), price=PRICE).type.name == "bool"
    assert column(compute("CASE WHEN price > 0 THEN 'in' ELSE 'out' END"), price=PRICE).type.name == "category"


@pytest.mark.parametrize(
    "decimals, cells", [(0, {10, -10}), (1, {101, -101}), (2, {1005, -1005}), (3, {10050, -10050})]
)
def test_decimals_are_exact_and_halves_go_away_from_zero(decimals, cells):
    assert set(listed(column(compute("price", decimals=decimals), price=PRICE))) == cells


def test_floats_are_rounded():
    assert set(listed(column(compute("price / 3.01", decimals=1), price=PRICE))) == {33, -33}


def test_nulls_follow_sql():
    world = World(
        {"tables": {"t": {"columns": {"id": {"type": "key"}, "it": compute("10 / NULLIF(id, 2)", decimals=0)}}}}, stop=3
    )
    assert listed(world.filled("t", "it")) == [10, None, 3]
    assert world.scope("t", "it").nullable("it")


def test_ancestors_can_be_read():
    document = shop(customers={"rank": {"type": "key"}}, items={"it": compute("customers.rank * 2")})
    world = World(document)
    assert World(document).problems() == []
    assert ("customers", "rank") in world.tables["items"].columns["it"].needs(world.scope("items", "it"))


def test_numbers_too_large_are_refused_not_wrapped():
    big = {"type": "constant", "value": 9_000_000_000_000_000_000}
    with pytest.raises(RunError, match="too large"):
        column(compute("big", decimals=2), 3, big=big)


def test_problems():
    assert problems(compute("prize * 2"), price=PRICE) == [
        "$.expression: there is no column 'prize'; did you mean 'price'? [unknown-column]"
    ]
    assert problems(compute("price > 1", decimals=2), price=PRICE) == [
        "$.decimals: a bool has no decimals; leave 'decimals' out [no-effect]"
    ]
