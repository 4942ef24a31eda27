from __future__ import annotations

import numpy as np

from tests.fakes import World


def document(**reference):
    return {"tables": {"products": {"columns": {"product_id": {"type": "key"}}},
                       "sales": {"columns": {"product_id": {"type": "reference", "table": "products", **reference}}}}}  # fmt: skip


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
