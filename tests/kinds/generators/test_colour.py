from __future__ import annotations

import re

from tests.fakes import World, column, listed


def test_colours_are_names_or_codes():
    assert len(set(listed(column({"type": "colour"}, 500)))) == 20
    assert all(re.fullmatch("#[0-9a-f]{6}", code) for code in listed(column({"type": "colour", "form": "hex"}, 50)))


def test_the_names_are_a_domain():
    world = World({"tables": {"t": {"columns": {"it": {"type": "colour"}}}}})
    assert set(listed(world.filled("t", "it"))) <= set(world.tables["t"].columns["it"].domain(world.scope("t", "it")))
