from __future__ import annotations

import numpy as np

from datagen.kinds.generators.support.examples import shop
from tests.fakes import World

DOCUMENT = shop(
    customers={"customer_id": {"type": "key", "start": 100}},
    items={"customer_id": {"type": "parent_key", "table": "customers"}},
)


def test_a_parent_key_is_the_key_of_the_parent():
    world = World(DOCUMENT)
    block, keys = world.blocks["orders"], world.filled("customers", "customer_id").data
    assert np.array_equal(world.filled("orders", "customer_id").data, keys[block.parent_row])


def test_the_key_of_an_ancestor_agrees_with_that_of_the_parent():
    """Two keys of one row never disagree on whose row it is."""
    world = World(DOCUMENT)
    of_order = world.filled("orders", "customer_id").data
    assert np.array_equal(
        world.filled("items", "customer_id").data, of_order[world.filled("items", "order_id").data - 1]
    )


def test_problems():
    wrong = shop(customers={"x": {"type": "parent_key"}}, items={"y": {"type": "parent_key", "table": "customer"}})
    wrong["tables"]["orders"]["columns"].pop("order_id")
    assert list(map(str, World(wrong).problems())) == [
        (
            "$.tables.customers.columns.x: 'customers' has no parent; name the table's parent, or use "
            "'reference' [no-parent]"
        ),
        (
            "$.tables.items.columns.order_id: 'orders' has no column that identifies its rows; give it one of "
            "type 'key' [primary-key]"
        ),
        (
            "$.tables.items.columns.y.table: 'customer' is not an ancestor of 'items'; did you mean "
            "'customers'? [unknown-table]"
        ),
    ]
