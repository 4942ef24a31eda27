from __future__ import annotations

import re

from tests.fakes import START, World, listed
from tests.fakes import problems as reported


def test_texts_sort_by_time():
    world = World({"window": {}, "tables": {"t": {"columns": {"it": {"type": "ulid"}}}}}, stop=300)
    made = listed(world.filled("t", "it"))
    assert made == sorted(made) and len(set(made)) == 300
    assert all(re.fullmatch("[0-7][0-9A-HJKMNP-TV-Z]{25}", one) for one in made)
    time = 0
    for sign in made[0][:10]:
        time = time * 32 + "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(sign)
    assert time == START // 1000


def test_the_time_is_a_timestamp():
    assert "name one of type timestamp" in reported({"type": "ulid", "at": "id"})[0]
