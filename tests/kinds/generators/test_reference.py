from __future__ import annotations

import copy

import numpy as np
import pytest

import datagen
from tests.fakes import World


def document(**reference):
    return {
        "tables": {
            "products": {"columns": {"product_id": {"type": "key"}}},
            "sales": {"columns": {"product_id": {"type": "reference", "table": "products", **reference}}},
        }
    }


def test_every_key_is_there():
    keys = World(document(), stop=500).filled("sales", "product_id").data
    assert keys.min() >= 1
    assert keys.max() <= 500


def test_popularity_has_a_head():
    keys = World(document(popularity={"type": "zipf", "exponent": 1.1}), stop=5_000).filled("sales", "product_id").data
    counts = np.sort(np.bincount(keys))[::-1]
    assert counts[:50].sum() > 0.4 * 5_000


def test_keys_say_whose_they_are():
    world = World(document())
    assert world.tables["sales"].columns["product_id"].refers_to(world.scope("sales", "product_id")) == "products"


def reported(tables: dict) -> list[str]:
    return [str(problem) for problem in datagen.check({"datagen": 1, "name": "told", "tables": tables})]


TAGS = {"rows": 4, "columns": {"tag_id": {"type": "key"}}}
ORDERS = {"rows": 50, "columns": {"order_id": {"type": "key"}}}


def links(count, **reference):
    return {
        "tags": TAGS,
        "orders": ORDERS,
        "links": {
            "parent": "orders",
            "rows": {"type": "per_parent", "count": count},
            "columns": {
                "order_id": {"type": "parent_key"},
                "tag_id": {"type": "reference", "table": "tags", **reference},
            },
        },
    }


@pytest.mark.parametrize(
    "count", [5, {"type": "uniform", "min": 0, "max": 9}, {"type": "geometric", "mean": 8, "min": 6}]
)
def test_more_rows_of_one_parent_than_there_are_to_choose_from_are_a_problem(count):
    (problem,) = reported(links(count, distinct=True))
    assert problem.startswith("$.tables.links.columns.tag_id.distinct: a row of 'orders' can have")
    assert not reported(links(count)), "rows may be chosen twice"


def test_as_many_rows_as_there_are_to_choose_from_take_them_all():
    made = datagen.preview({"datagen": 1, "name": "all", "tables": links(4, distinct=True)}, "links", 40)["links"]
    keys = made["tag_id"].to_numpy().reshape(-1, 4)
    assert (np.sort(keys, axis=1) == np.arange(1, 5)).all()
    assert len(np.unique(keys, axis=0)) > 5, "in an order of its own under each parent"


def test_a_reference_to_a_table_without_rows_is_a_problem():
    nowhere = {
        "tags": {**TAGS, "rows": 0},
        "a": {"rows": 3, "columns": {"tag_id": {"type": "reference", "table": "tags"}}},
    }
    (problem,) = reported(nowhere)
    assert problem.startswith("$.tables.a.columns.tag_id.table: 'tags' has no rows")
    nowhere["a"]["columns"]["tag_id"]["null_share"] = 1
    assert not reported(nowhere)
    nowhere["a"] = {"rows": 0, "columns": {"tag_id": {"type": "reference", "table": "tags"}}}
    assert not reported(nowhere), "no cell is missing where there is none"


def accounts(rows, users, **reference):
    own = {"type": "reference", "table": "users", "unique": True, **reference}
    return {
        "users": {"rows": users, "columns": {"user_id": {"type": "key"}}},
        "accounts": {"rows": rows, "columns": {"user_id": own}},
    }


@pytest.mark.parametrize("rows, users", [(300, 300), (300, 1000), (1, 1)])
def test_a_unique_reference_is_one_to_one(rows, users):
    document = {"datagen": 1, "name": "one", "tables": accounts(rows, users)}
    keys = datagen.preview(document, "accounts", rows)["accounts"]["user_id"].to_numpy()
    assert len(set(keys.tolist())) == rows
    assert keys.min() >= 1 and keys.max() <= users
    assert rows == 1 or (np.diff(keys) < 0).mean() > 0.4, "in no order"
    few = copy.deepcopy(document)
    few["tables"]["accounts"]["rows"] = max(rows // 2, 1)
    fewer = datagen.preview(few, "accounts", rows)["accounts"]["user_id"].to_numpy()
    assert (fewer == keys[: len(fewer)]).all(), "more rows change none that there were"


def test_a_unique_reference_can_be_the_primary_key():
    tables = accounts(20, 30)
    tables["accounts"]["primary_key"] = ["user_id"]
    assert not reported(tables)
    del tables["accounts"]["columns"]["user_id"]["unique"]
    assert reported(tables)


@pytest.mark.parametrize(
    "declared, message",
    [
        (accounts(31, 30), "'accounts' has 31 rows, but 'users' has only 30"),
        (accounts(20, 30, popularity={"type": "zipf"}), "leave out popularity"),
    ],
)
def test_a_unique_reference_that_cannot_be_is_a_problem(declared, message):
    (problem,) = reported(declared)
    assert problem.startswith("$.tables.accounts.columns.user_id.unique")
    assert message in problem


def test_rows_below_a_parent_exist_by_an_interval_of_theirs():
    """`existing_at` reads arrivals. For events the hint names `valid`, and what it says to write has no problems."""
    due = {"type": "expression", "expression": "ordered_at + INTERVAL 3 DAY"}
    orders = {"order_id": {"type": "key"}, "ordered_at": {"type": "event_time"}, "due_at": due}
    sales = {
        "sold_at": {"type": "arrival_time"},
        "order_id": {"type": "reference", "table": "orders", "existing_at": "sold_at"},
    }
    found = {
        "datagen": 1,
        "name": "told",
        "window": {"start": "2024-01-01", "end": "2024-07-01"},
        "tables": {
            "shops": {"rows": 4, "columns": {"shop_id": {"type": "key"}}},
            "orders": {
                "parent": "shops",
                "rows": {"type": "events", "mean_per_month": 3},
                "columns": orders,
            },
            "sales": {"rows": {"type": "arrivals", "count": 20}, "columns": sales},
        },
    }
    (problem,) = datagen.check(found)
    assert "'valid': {'from': ..., 'to': ..., 'at': 'sold_at'}" in problem.hint
    del sales["order_id"]["existing_at"]
    sales["order_id"]["valid"] = {"from": "ordered_at", "to": "due_at", "at": "sold_at"}
    assert not datagen.check(found)


def test_a_weight_that_the_rows_list_but_no_column_shows_is_declared_there():
    plans = {"rows": {"type": "listed", "columns": ["plan", "share"], "rows": [["free", 3], ["paid", 1]]}}
    plans["columns"] = {"plan": {"type": "listed", "unique": True}}
    users = {"rows": 5, "columns": {"plan": {"type": "reference", "table": "plans", "key": "plan", "weight": "share"}}}
    (problem,) = reported({"plans": plans, "users": users})
    assert "declare it there: 'share': {'type': 'listed'}" in problem
    plans["columns"]["share"] = {"type": "listed"}
    assert not reported({"plans": plans, "users": users})
