"""Counting is exact, and blocks that are counted together are counted as they are generated."""

from __future__ import annotations

from pathlib import Path

import pytest

import datagen
from datagen.engine.generate import program_of
from datagen.engine.row_counts import RowCounter

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["iot_machine_states.json", "shop.json", "dvd_rental.yaml"])
def test_blocks_counted_together_are_those_counted_alone(name: str) -> None:
    plan = datagen.plan(EXAMPLES / name, scale=0.2)
    root = max(plan.families, key=lambda name: len(plan.families[name].tables))
    start, stop, block = 11, 131, 7
    together = RowCounter(program_of(plan), root).count(start, stop, block)
    before = dict.fromkeys(plan.families[root].tables, 0)
    largest = 0
    for first in range(start, stop, block):
        alone = RowCounter(program_of(plan), root).count(first, min(first + block, stop), block, before)
        before = {table: rows + alone.rows[table] for table, rows in before.items()}
        largest = max(largest, alone.block_bytes)
    assert together.rows == before and together.block_bytes == largest
    assert together.rows[root] == stop - start < sum(together.rows.values())
