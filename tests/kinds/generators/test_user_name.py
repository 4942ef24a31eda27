from __future__ import annotations

import re

from tests.fakes import World, listed


def test_names_follow_the_column_and_none_comes_twice():
    name = {"type": "person", "locale": "fr", "modifiers": [{"type": "nulls", "share": 0.1}]}
    columns = {"id": {"type": "key"}, "name": name, "it": {"type": "user_name", "from": "name", "unique": True}}
    world = World({"tables": {"t": {"columns": columns}}}, stop=2000)
    names, made = listed(world.filled("t", "name")), listed(world.filled("t", "it"))
    assert all((one is None) == (other is None) for one, other in zip(names, made, strict=True))
    there = [one for one in made if one is not None]
    assert len(set(there)) == len(there)
    assert all(re.fullmatch("[a-z0-9._-]+", one) for one in there)
