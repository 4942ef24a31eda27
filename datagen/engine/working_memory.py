"""The memory of a task besides its rows: trajectories of processes, and the tables that references choose by."""

from __future__ import annotations

from collections.abc import Mapping

from datagen.columnar.block import Ints
from datagen.engine.execute import fill, release, root_block
from datagen.engine.program import Program
from datagen.engine.row_counts import RowCounter, spread_out
from datagen.planning.plan import Family
from datagen.planning.steps import Step
from datagen.point_process.trajectory import Trajectory

STAY_BYTES = 110
"""What a stay of a trajectory takes, with the working arrays of its simulation (measured: 80 to 110 B)."""
_SAMPLED = 64


def trajectory_bytes(program: Program, families: Mapping[str, Family]) -> int:
    """The bytes of the trajectories of the largest block of any family."""
    blocks = ((family.block, _stays(program, root)) for root, family in families.items())
    return max((round(rows * stays * STAY_BYTES) for rows, stays in blocks if stays), default=0)


def chooser_bytes(program: Program) -> int:
    """The total bytes of the tables by which references choose."""
    total = 0
    for name, table in program.model.tables.items():
        for column in table.columns.values():
            target = column.chooses
            if target is not None and target in program.model.tables:
                rows = program.rows_in(target)
                timed = program.model.tables[target].parent is None and _rated(program, name, target)
                total += column.choosing(rows, rated=timed)
    return total


def _rated(program: Program, table: str, target: str) -> bool:
    """Whether behaviors of the target change with time how often its rows are chosen."""
    rate = program.effects.choice_rate(table, target, everyone=True)
    return rate is not None and rate.timed


def _stays(program: Program, root: str) -> float:
    """The mean number of stays of all processes below a row of the root, by a few rows."""
    total, tables = int(program.table_programs[root].source.total), program.families[root]
    views = [name for name in tables if name != root and program.model.tables[name].rows.follows is not None]
    if not views or not total:
        return 0.0
    if root not in program.stays:
        ids = spread_out(total, _SAMPLED)
        known = RowCounter(program, root).stays(ids)
        program.stays[root] = (_made(program, root, views, ids) if known is None else known) / len(ids)
    return program.stays[root]


def _made(program: Program, root: str, views: list[str], ids: Ints) -> int:
    """The stays below these rows of the root, which are simulated for it."""
    made = {root: root_block(program.table_programs[root], 0, ids, scattered=True)}
    fill(made, program.table_programs, program.steps_for(root, {Step(name) for name in views}), {})
    stays = sum(len(one.state) for block in made.values() for one in block.memo.values() if isinstance(one, Trajectory))
    release(made.values())
    return stays
