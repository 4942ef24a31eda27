from __future__ import annotations

from dataclasses import replace

import numpy as np

from datagen.kinds.generators.support.examples import shop
from tests.fakes import World


def test_it_is_what_the_row_source_says():
    world = World(shop())
    block = world.blocks["orders"]
    assert np.array_equal(world.filled("orders", "ordered_at").data, block.attributes["event_time"].data)


def test_a_row_source_without_it_is_a_problem():
    world = World(shop())
    world.tables["orders"] = replace(world.tables["orders"], row_times=())
    assert [problem.code for problem in world.problems()] == ["unknown-attribute"]
    assert "have no event time" in str(world.problems()[0])
