from __future__ import annotations

import numpy as np

from datagen.kinds.generators.support.examples import shop
from tests.fakes import World


def test_it_is_the_number_of_rows_below():
    world = World(shop(orders={"lines": {"type": "count_of", "table": "items"}}))
    assert np.array_equal(world.filled("orders", "lines").data, world.blocks["items"].counts)


def test_only_rows_that_the_filter_picks_count():
    gift = {"type": "choice", "values": {"true": 1, "false": 1}}
    world = World(
        shop(orders={"gifts": {"type": "count_of", "table": "items", "filter": "gift"}}, items={"gift": gift})
    )
    expected = np.bincount(
        world.blocks["items"].parent_row, world.filled("items", "gift").data, minlength=len(world.blocks["orders"])
    )
    assert np.array_equal(world.filled("orders", "gifts").data, expected)


def test_a_table_elsewhere_is_a_problem():
    world = World(shop(customers={"lines": {"type": "count_of", "table": "items"}}))
    (problem,) = world.problems()
    assert (problem.code, problem.message) == (
        "unrelated-table",
        "'items' is below 'orders', not directly below 'customers'",
    )
    assert problem.hint == "aggregate it in 'orders' first, then that column in 'customers'"
