"""A block is simulated once, up to the last instant that anything asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import datagen
from datagen.columnar.block import Block
from datagen.engine.generate import program_of
from datagen.engine.row_counts import RowCounter
from datagen.kinds.processes.support.simulation import StateSimulation
from datagen.planning.steps import Step
from tests.kinds.processes.test_covariates import document as with_covariate
from tests.kinds.processes.worlds import DAY, world


def bound(document: dict[str, Any]) -> tuple[StateSimulation, Block]:
    """The process of the first table, and a block of it with its columns."""
    program = program_of(datagen.plan(document))
    table = next(iter(document["tables"]))
    [name] = document["tables"][table]["processes"]
    simulate = program.process(table, name)
    assert isinstance(simulate, StateSimulation)
    columns = [Step(table, column) for column in document["tables"][table]["columns"]]
    return simulate, RowCounter(program, table).block(table, columns, np.arange(200))


@pytest.mark.parametrize("document", [world(count=200), with_covariate(rows=200)], ids=["lifecycle", "covariate"])
def test_a_trajectory_seen_earlier_is_the_one_simulated_until_then(document: dict[str, Any]) -> None:
    simulate, block = bound(document)
    early = simulate.end - 200 * DAY
    whole, seen = simulate.simulated(block, simulate.end), simulate.simulated(block, early)
    assert 0 < len(seen.state) < len(whole.state)
    found = whole.censored(early)
    for name in ("counts", "state", "entered", "left", "next"):
        assert np.array_equal(getattr(found, name), getattr(seen, name)), name


def test_one_simulation_serves_every_end(monkeypatch: pytest.MonkeyPatch) -> None:
    simulate, block = bound(world(count=200))
    ends: list[int] = []
    before = StateSimulation.simulated
    monkeypatch.setattr(
        StateSimulation, "simulated", lambda self, rows, end: (ends.append(end), before(self, rows, end))[1]
    )
    later = simulate.end + 30 * DAY
    block.memo.clear()
    simulate.until(block, later)
    assert not simulate(block).closed.all() and ends == [later]
