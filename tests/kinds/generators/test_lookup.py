from __future__ import annotations

from typing import Any

import numpy as np

import datagen
from datagen.kinds.generators.lookup import Lookup
from tests.fakes import World, listed
from tests.promises.documents import tables


def document(reference=None, **things):
    price = {"type": "lognormal", "median": 12, "sigma": 0.4, "decimals": 2}
    kind = {"type": "choice", "values": {"tea": 1, "mug": 1}}
    product = {"type": "reference", "table": "products", **(reference or {})}
    return {"tables": {
        "products": {"columns": {"product_id": {"type": "key", "start": 500}, "price": price, "kind": kind}},
        "things": {"columns": {"product_id": product, **things}},
    }}  # fmt: skip


LIST_PRICE = {"type": "lookup", "through": "product_id", "column": "price"}


def test_it_is_the_value_in_the_row_that_the_key_points_to():
    world = World(document(list_price=LIST_PRICE))
    keys, prices = world.filled("things", "product_id").data, world.filled("products", "price").data
    assert np.array_equal(world.filled("things", "list_price").data, prices[keys - 500])


def test_no_key_no_value():
    world = World(document({"null_share": 0.4}, list_price=LIST_PRICE))
    assert np.array_equal(world.filled("things", "list_price").valid, world.filled("things", "product_id").valid)
    assert world.scope("things", "list_price").nullable("list_price")


def test_what_it_can_be_is_known_from_the_other_table():
    kind = {"type": "lookup", "through": "product_id", "column": "kind"}
    taste = {"type": "case", "column": "kind", "cases": {"tea": "fine"}, "default": "none"}
    world = World(document(kind=kind, taste=taste))
    assert not world.problems()
    assert isinstance(world.tables["things"].columns["kind"], Lookup)
    assert world.tables["things"].columns["kind"].domain(world.scope("things", "kind")) == ("tea", "mug")
    assert set(listed(world.filled("things", "taste"))) == {"fine", "none"}


def test_lookups_in_a_cycle_end():
    cycle = {
        "a": {
            "columns": {
                "b": {"type": "reference", "table": "b"},
                "x": {"type": "lookup", "through": "b", "column": "x"},
            }
        },
        "b": {
            "columns": {
                "a": {"type": "reference", "table": "a"},
                "x": {"type": "lookup", "through": "a", "column": "x"},
            }
        },
    }
    world = World({"tables": cycle})
    assert world.tables["a"].columns["x"].domain(world.scope("a", "x")) is None


def test_problems():
    wrong = document(
        one={"type": "lookup", "through": "product", "column": "price"},
        two={"type": "lookup", "through": "product_id", "column": "prize"},
        three={"type": "lookup", "through": "four", "column": "price"},
        four={"type": "constant", "value": 1},
    )
    assert [str(problem).partition("columns.")[2] for problem in World(wrong).problems()] == [
        "one.through: there is no column 'product'; did you mean 'product_id'? [unknown-column]",
        "two.column: 'products' has no column 'prize'; did you mean 'price'? [unknown-column]",
        "three.through: 'four' is not a foreign key; name a column of type 'reference' [type]",
    ]


def chain(**orders: Any) -> dict[str, Any]:
    """Orders of customers, whose stores lie in regions."""
    key, regions = {"type": "key", "start": 100}, {"type": "reference", "table": "regions"}
    stores = {"type": "reference", "table": "stores", "modifiers": [{"type": "nulls", "share": 0.2}]}
    order = {"order_id": key, "customer_id": {"type": "parent_key"}, **orders}
    return {
        "datagen": 1,
        "name": "chain",
        "tables": {
            "regions": {"rows": 5, "columns": {"region_id": key, "code": {"type": "pattern", "pattern": "??####"}}},
            "stores": {"rows": 30, "columns": {"store_id": key, "region_id": regions}},
            "customers": {"rows": 100, "columns": {"customer_id": key, "store_id": stores}},
            "orders": {"parent": "customers", "rows": {"type": "per_parent", "count": 2}, "columns": order},
        },
    }


def test_a_lookup_goes_through_a_looked_up_key(tmp_path):
    region = {"type": "lookup", "through": "customers.store_id", "column": "region_id"}
    copied = {"type": "expression", "expression": "region_id"}
    document = chain(region_id=region, same=copied, code={"type": "lookup", "through": "same", "column": "code"})
    made = {name: table.to_pylist() for name, table in tables(document).items()}
    codes = {row["region_id"]: row["code"] for row in made["regions"]}
    regions = {row["store_id"]: row["region_id"] for row in made["stores"]}
    stores = {row["customer_id"]: row["store_id"] for row in made["customers"]}
    for row in made["orders"]:
        assert row["region_id"] == regions.get(stores[row["customer_id"]])
        assert row["code"] == codes.get(row["region_id"])
    datagen.generate(document, tmp_path / "out", workers=1)
    assert datagen.validate(document, tmp_path / "out").passed


def test_a_looked_up_key_of_another_type_numbers_no_rows():
    document = chain(
        region_id={"type": "lookup", "through": "customers.store_id", "column": "region_id"},
        code={"type": "lookup", "through": "region_id", "column": "code"},
    )
    document["tables"]["regions"]["columns"]["region_id"] = {"type": "uuid"}
    assert ["'region_id' is not a foreign key" in str(problem) for problem in datagen.check(document)] == [True]
