from __future__ import annotations

import re

from tests.fakes import World, column, listed, problems


def test_numbers_begin_with_the_prefix_of_the_country():
    columns = {
        "country": {"type": "choice", "values": ["US", "DE", "FR"]},
        "it": {"type": "phone", "country": "country"},
    }
    world = World({"tables": {"t": {"columns": columns}}}, stop=300)
    prefixes = {"US": r"\+1 [2-9]\d\d-[2-9]\d\d-\d{4}", "DE": r"\+49 \d+ \d+", "FR": r"\+33 [16]( \d\d){4}"}
    for country, phone in zip(listed(world.filled("t", "country")), listed(world.filled("t", "it")), strict=True):
        assert re.fullmatch(prefixes[country], phone)


def test_the_prefix_can_be_left_out():
    assert not any("+" in phone for phone in listed(column({"type": "phone", "form": "national"}, 100)))


def test_problems():
    assert problems({"type": "phone", "default": "XX"})[0].startswith("$.default: 'XX' is not a known country")
