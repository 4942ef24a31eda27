from __future__ import annotations

from dataclasses import replace

import numpy as np

from datagen.kinds.generators.support.examples import shop
from tests.fakes import World


def test_it_is_what_the_row_source_says():
    world = World(shop())
    block = world.blocks["customers"]
    assert np.array_equal(world.filled("customers", "created_at").data, block.attributes["arrival_time"].data)


def test_a_row_source_without_it_is_a_problem():
    world = World(shop())
    world.tables["customers"] = replace(world.tables["customers"], row_times=())
    assert [problem.code for problem in world.problems()] == ["unknown-attribute"]
    assert "have no arrival time" in str(world.problems()[0])
