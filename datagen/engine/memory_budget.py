"""Projects the peak memory of a task and refuses a plan over the budget."""

from __future__ import annotations

from collections.abc import Mapping

from datagen.analysis.semantic_model import SemanticModel
from datagen.byte_sizes import format_size
from datagen.columnar.block import Ints
from datagen.engine.execute import execute, release, root_block
from datagen.engine.program import Program
from datagen.engine.recompute import MOST_KEPT
from datagen.engine.row_counts import RowCounter, spread_out
from datagen.engine.table_plans import cell_bytes, cell_type
from datagen.errors import PlanError
from datagen.planning.encodings import memory_bytes
from datagen.planning.plan import Family, Plan
from datagen.planning.steps import Step
from datagen.point_process.trajectory import Trajectory

BASE_MEMORY = 220_000_000
"""Bytes of an idle worker process with its libraries loaded, and of the buffers of open files."""
USUAL_MEMORY = 2_000_000_000
"""The default budget of a task in bytes."""
CELL_BYTES, USUAL_CELLS = 12 * 8, 200_000
"""Bytes of a cell of the calendar in all its tables (measured: 80 B), and the cells of about twenty years."""
USUAL_TABLES = 20_000_000
"""The bytes of tables of distributions that the base has room for."""
USUAL_CHOOSERS = 30_000_000
"""The bytes of tables that references choose by that the base has room for."""
TALLY_BYTES = 64
"""Bytes that a roll-up over references keeps for each row, including merged states."""
AT_ONCE = 3
"""Copies of a block in memory at the peak: the filled one, the written one, and the working arrays of filling it."""
STAY_BYTES = 110
"""What a stay of a trajectory takes, with the working arrays of its simulation (measured: 80 to 110 B)."""
_SAMPLED = 64


def peak(program: Program, families: Mapping[str, Family]) -> int:
    """The largest memory of a task of these families, in bytes."""
    return (
        BASE_MEMORY
        + _kept_bytes(program)
        + _table_bytes(program)
        + _calendar_bytes(program)
        + trajectory_bytes(program, families)
        + max(chooser_bytes(program) - USUAL_CHOOSERS, 0)
        + AT_ONCE * largest(families)
    )


def _calendar_bytes(program: Program) -> int:
    """The bytes of calendars that are longer than usual. `BASE_MEMORY` includes usual ones."""
    tables = program.model.tables.values()
    if not any(table.behaviors or table.processes or table.rows.time for table in tables):
        return 0
    return CELL_BYTES * max(program.grid.cells - USUAL_CELLS, 0)


def largest(families: Mapping[str, Family]) -> int:
    """The bytes of the largest block."""
    return max((family.block_bytes for family in families.values()), default=0)


def _table_bytes(program: Program) -> int:
    """The tables of distributions of many columns; those of a few are in the base."""
    columns = (column for table in program.model.tables.values() for column in table.columns.values())
    return max(sum(column.tabulated for column in columns) - USUAL_TABLES, 0)


def _kept_bytes(program: Program) -> int:
    """Bytes of the small tables that are generated once per worker because other tables look them up."""
    kept = (
        (min(program.rows_in(table), MOST_KEPT), cell_type(program.model, table, c), program.model.longest(table, c))
        for table, c in program.looked_up
    )
    identities = sum(2 * 8 * min(program.rows_in(table), MOST_KEPT) for table in program.referred)
    tallies = sum(TALLY_BYTES * program.rows_in(table) for table, _ in program.tallied)
    return identities + tallies + sum(2 * rows * memory_bytes(type_, longest) for rows, type_, longest in kept)


def within_budget(plan: Plan, model: SemanticModel) -> None:
    """Raises PlanError with the calculation if a task needs more memory than the budget."""
    if plan.memory <= plan.budget:
        return
    family = max(plan.families.values(), key=lambda f: f.block_bytes)
    room = plan.budget - plan.memory + AT_ONCE * family.block_bytes
    single = family.block == 1 or (family.root_bytes > 0 and AT_ONCE * family.root_bytes > room)
    size = family.root_bytes or family.block_bytes if single else family.block_bytes
    needed = plan.memory - AT_ONCE * (family.block_bytes - size)
    error = PlanError(
        f"a task needs about {format_size(needed)} of memory, the budget is {format_size(plan.budget)}: "
        f"{format_size(BASE_MEMORY)} for the process, {AT_ONCE} x {format_size(size)} for "
        f"{_made(family, single=single)}; the dataset has about {plan.total_rows:,} rows. "
        f"{_advice(family, single=single)}"
    )
    error.step = (max(family.tables, key=lambda name: plan.tables[name].rows * cell_bytes(model, name)), None)
    raise error


def _made(family: Family, *, single: bool) -> str:
    if single:
        return f"the heaviest row of '{family.root}' with all below it (a single root row cannot be divided)"
    return f"a block of {family.block:,} rows of '{family.root}' with all below them"


def _advice(family: Family, *, single: bool) -> str:
    if not single:
        return "Raise --memory or lower --partition-rows"
    return f"Raise --memory, give '{family.root}' more rows with fewer below each, or lower the number per parent"


def one_row(model: SemanticModel, root: str, rows: Mapping[str, float]) -> None:
    """Raises PlanError if a root row and all `rows` below it need more memory than the default budget."""
    most = max(rows, key=lambda name: rows[name])
    block = sum(cell_bytes(model, name) * number for name, number in rows.items())
    if BASE_MEMORY + AT_ONCE * block > USUAL_MEMORY:
        memory = f"about {format_size(round(AT_ONCE * block))} of memory; a task has {format_size(USUAL_MEMORY)}"
        error = PlanError(
            f"a row of '{root}' takes {memory}: shorten its cells, or run it with --memory"
            if most == root
            else f"each row of '{root}' has about {rows[most]:,.3g} rows of '{most}' below it, which are made together "
            f"and take {memory}: give '{root}' more rows with fewer below each, lower the number per parent, or run it "
            "with --memory"
        )
        error.step = (most, None)
        raise error


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
        program.stays[root] = (_simulated(program, root, views, ids) if known is None else known) / len(ids)
    return program.stays[root]


def _simulated(program: Program, root: str, views: list[str], ids: Ints) -> int:
    """The stays below these rows of the root, which are simulated for it."""
    made = {root: root_block(program.table_programs[root], 0, ids, scattered=True)}
    execute(made, program.table_programs, program.steps_for(root, {Step(name) for name in views}), {})
    stays = sum(len(one.state) for block in made.values() for one in block.memo.values() if isinstance(one, Trajectory))
    release(made.values())
    return stays
