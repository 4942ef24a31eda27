from __future__ import annotations

import numpy as np
import pytest

import datagen
from datagen.columnar.block import Rows
from datagen.errors import RunError
from datagen.kinds.generators.support.examples import shop
from tests.fakes import World

ITEMS = {
    "quantity": {"type": "choice", "values": {"1": 7, "2": 2, "3": 1}},
    "price": {"type": "lognormal", "median": 12, "sigma": 0.4, "decimals": 2},
}


def world(more=None, items=None, **declared) -> World:
    total = {"type": "sum_of", "table": "items", **declared}
    return World(shop(orders={"total": total}, items={**ITEMS, **(items or {})}), **(more or {}))


def by_hand(world: World, numbers) -> np.ndarray:
    return np.bincount(world.blocks["items"].parent_row, numbers, minlength=len(world.blocks["orders"])).astype(
        np.int64
    )


def test_totals_are_exactly_the_sum_of_their_lines():
    made = world(expression="quantity * price")
    total = made.filled("orders", "total")
    lines = made.filled("items", "quantity").data * made.filled("items", "price").data
    assert str(total.type) == "decimal(2)"
    assert np.array_equal(total.data, by_hand(made, lines))
    assert (total.data == 0).any(), "orders without items have a total of 0"


def test_a_subset_of_the_parents():
    made = world(expression="quantity")
    whole, at = made.filled("orders", "total").data, np.array([5, 0, 5])
    assert np.array_equal(made.fill("orders", "total")(Rows(made.blocks["orders"], at)).data, whole[at])


def test_only_rows_that_the_filter_picks_count():
    made = world(expression="quantity", filter="price > 12")
    picked = made.filled("items", "price").data > 1200
    assert np.array_equal(
        made.filled("orders", "total").data, by_hand(made, made.filled("items", "quantity").data * picked)
    )


def test_missing_cells_count_as_nothing():
    holes = {**ITEMS["quantity"], "modifiers": [{"type": "nulls", "share": 0.5}]}
    made = world(expression="quantity", items={"quantity": holes})
    quantity = made.filled("items", "quantity")
    assert np.array_equal(made.filled("orders", "total").data, by_hand(made, quantity.data * quantity.valid))


def test_floats_are_rounded_row_by_row_where_decimals_are_said():
    made = world(expression="price / 3", decimals=2)
    lines = np.rint(made.filled("items", "price").data / 100.0 / 3 * 100)
    assert np.array_equal(made.filled("orders", "total").data, by_hand(made, lines))


def test_a_sum_that_is_too_large_is_refused_not_wrapped():
    huge = {"type": "constant", "value": 9_000_000_000_000_000_000}
    with pytest.raises(RunError, match="does not fit in 64 bits"):
        world(expression="quantity", items={"quantity": huge}).filled("orders", "total")


@pytest.mark.parametrize(
    "declared, problem",
    [
        (
            {"expression": "price / 3"},
            (
                "expression: a sum of floats depends on their order; write 'decimals', or round "
                "the columns it reads [type]"
            ),
        ),
        ({"expression": "price > 3"}, "expression: cells of type bool cannot be added; give a number [type]"),
        ({"expression": "prize"}, "expression: there is no column 'prize'; did you mean 'price'? [unknown-column]"),
        (
            {"expression": "price", "filter": "price"},
            "filter: the expression has type decimal(2), not bool; write a condition, such as amount > 0 [type]",
        ),
        (
            {"expression": "price", "table": "item"},
            "table: 'item' is not a table below 'orders'; did you mean 'items'? [unknown-table]",
        ),
        (
            {"expression": "price", "table": "customers"},
            "table: 'customers' is not a table below 'orders'; known: items [unknown-table]",
        ),
    ],
)
def test_problems(declared, problem):
    assert list(map(str, world(**declared).problems())) == [f"$.tables.orders.columns.total.{problem}"]


@pytest.mark.parametrize(
    "also, code", [({}, "invalid-order"), ({"next": {"type": "expression", "expression": "total + 1"}}, "cycle")]
)
def test_a_sum_through_itself_is_a_cycle(also, code):
    through = next(iter(also), "total")
    total = {"type": "sum_of", "table": "things", "through": through, "expression": "thing_id"}
    columns = {"thing_id": {"type": "key"}, "total": total, **also}
    found = datagen.check({"datagen": 1, "name": "sums", "tables": {"things": {"rows": 9, "columns": columns}}})
    assert [problem.code for problem in found] == [code]
