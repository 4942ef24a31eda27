"""Makes the plan of a checked document: samples rows, sizes blocks and partitions, counts, checks the memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from datagen.analysis.semantic_model import SemanticModel
from datagen.engine.exact_counts import counts_here, exact
from datagen.engine.generate import adopt
from datagen.engine.memory_budget import AT_ONCE, largest, peak, within_budget
from datagen.engine.program import Program
from datagen.engine.row_counts import Counts, RowCounter, TooMany, spread_out
from datagen.engine.table_plans import FORMAT, cell_bytes, disk_row, table_plan
from datagen.engine.unique_capacity import within_capacity
from datagen.errors import PlanError
from datagen.kinds.formats.base import Sink
from datagen.kinds.formats.parquet import Parquet
from datagen.planning.explain import human_bytes
from datagen.planning.plan import Family, Partition, Plan

BLOCK_ROWS = 120_000
BLOCK_BYTES = 500_000_000
"""Blocks of wide rows have fewer rows: three of this size fit the usual budget, and no column of text has 2 GB."""
PARTITION_ROWS = 1_000_000
"""Rows of a partition of a small run."""
MANY_PARTITIONS = 64
"""Into so many partitions a large family is cut at least, so that the work can be shared out evenly."""
FILE_SIZE, LARGEST_FILE = 256_000_000, 512_000_000
"""Bytes of the files of a large run, and the most that a file of wide rows has: what readers of Parquet like best."""
MOST_PARTITIONS = 200_000
COUNT_AT_ONCE, ROWS_AT_ONCE, MADE_AT_ONCE = 2_000_000, 50_000_000, 4_000_000
"""Datasets of up to so many root rows, rows in all, and rows that must be made to count what is below them are counted exactly while
planning; larger ones when they are run."""
SAMPLED_ROWS = 2_000_000
"""The most rows of a table that are made to estimate how many are below them."""
_LEAST_BYTES = AT_ONCE * 24
"""What a row takes at least while a block is made: its identity, its parent and its place."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a document is to be made. `memory` is the budget of a task in bytes."""

    seed: int
    scale: float = 1.0
    partition_rows: int | None = None
    memory: int = 2_000_000_000
    output: Sink | None = None


def make_plan(model: SemanticModel, options: Options, *, count: bool | None = None) -> Plan:
    """The plan of a checked document. `count` asks for exact row counts (True) or estimates (False); None decides by size.

    Raises PlanError if it cannot be carried out within the budget.
    """
    program = Program(model, options.seed, options.scale, {}, {})
    families = {root: _family(program, root, options) for root in program.families}
    roots = sum(family.rows for family, _ in families.values())
    estimates = {name: rows for _, counts in families.values() for name, rows in counts.items()}
    made = sum(estimates[name] for root in program.families for name in RowCounter(program, root).made)
    few = roots <= COUNT_AT_ONCE and sum(estimates.values()) <= ROWS_AT_ONCE and made <= MADE_AT_ONCE
    exactly = few if count is None else count
    if not exactly:
        program.sizes.update(estimates)
    program.bind_all()
    plan = _plan(program, options, {root: family for root, (family, _) in families.items()}, estimates)
    within_budget(plan)
    within_capacity(model, estimates)
    if not exactly:
        return plan
    plan = _counted_here(plan, program)
    if plan.memory > plan.budget:
        plan = _counted_here(_plan(program, options, _finer(plan), estimates), program)
    within_budget(plan)
    program.sizes.update({name: table.rows for name, table in plan.tables.items()})
    adopt(plan, program)
    return plan


def _counted_here(plan: Plan, program: Program) -> Plan:
    adopt(plan, program)
    return exact(plan, counts_here)


def _finer(plan: Plan) -> dict[str, Family]:
    """The families cut into blocks that fit the budget, unless the rows below a single root do not."""
    room = (plan.budget - plan.memory) / AT_ONCE + largest(plan.families)
    return {root: family.finer(0.8 * room / max(family.block_bytes, 1)) for root, family in plan.families.items()}


def _family(program: Program, root: str, options: Options) -> tuple[Family, Counts]:
    """How a family is cut, and how many rows its tables have by a sample."""
    total = int(program.works[root].source.total)
    below = _sample(program, root, total, options.memory)
    each = sum(below.values()) if total else 1.0
    block = int(min(max(BLOCK_ROWS // max(each, 1e-9), 1), max(total, 1), 1 << 18))
    rows = options.partition_rows or _partition_rows(program.model, options, below, total)
    partition = max(int(rows // max(each, 1e-9)), 1)
    wide = sum(cell_bytes(program.model, name) * rows for name, rows in below.items())
    block = max(1, min(block, partition, int(BLOCK_BYTES / max(wide, 1e-9))))
    partition = max(partition // block, 1) * block
    if total / partition > MOST_PARTITIONS:
        raise PlanError(
            f"{rows:,} rows a partition make {int(total / partition):,} partitions of '{root}', more than "
            f"{MOST_PARTITIONS:,}; ask for larger ones with --partition-rows"
        )
    size = round(wide * block)
    family = Family(root, program.families[root], total, block, partition, size)
    return family, {name: round(rows * total) for name, rows in below.items()}


def _partition_rows(model: SemanticModel, options: Options, below: Mapping[str, float], total: int) -> int:
    """The rows of a partition of a family by the size of its largest table's files; `below` are the rows per root row.

    It depends on the document alone, so that a run can be resumed with any number of workers.
    """
    sink = _sink(model, options)
    each = max(sum(below.values()), 1e-9)
    largest = max((disk_row(model, name) * rows for name, rows in below.items()), default=0.0) * sink.inflation
    fitting = each / max(largest, 1e-9)  # rows of the family for each byte of a file
    if sink.file_size is not None:
        return max(round(sink.file_size * fitting), 1)
    wanted = max(PARTITION_ROWS, min(total * each / MANY_PARTITIONS, FILE_SIZE * fitting))
    return max(round(min(wanted, LARGEST_FILE * fitting)), 1)


def _sink(model: SemanticModel, options: Options) -> Sink:
    return options.output or model.document.output or Parquet()


def _sample(program: Program, root: str, total: int, memory: int) -> dict[str, float]:
    """Rows of each table per root row, from root rows spread over the whole table: few first, more where they are cheap."""
    if not total:
        return dict.fromkeys(program.families[root], 0.0)
    census = RowCounter(program, root)
    counts: Counts = {}
    size = 0
    for wanted in (1, 8, 64, 512, 4096):
        ids = spread_out(total, wanted)
        try:
            counts, size = census.sample(ids, SAMPLED_ROWS), len(ids)
        except TooMany as error:
            if not size:
                counts, size = _guessed(program, root, error, memory), 1
            break
        if sum(counts.values()) > (20_000 if size > 1 else 1_000_000) or size == total:
            break
    return {name: rows / size for name, rows in counts.items()}


def _guessed(program: Program, root: str, error: TooMany, memory: int) -> Counts:
    """The rows below a root row of which one table alone has too many to be made for an estimate. Raises PlanError over the budget."""
    least = error.rows * _LEAST_BYTES
    if least > memory:
        raise PlanError(
            f"a row of '{root}' has {error.rows:,} rows of '{error.table}' below it (a single one cannot be divided), which take at least "
            f"{human_bytes(least)} of memory, the budget is {human_bytes(memory)}; "
            f"raise --memory, or lower the number of rows per parent"
        )
    counts: Counts = {}
    for name in program.families[root]:
        above, source = program.works[name].parent, program.works[name].source
        fixed = getattr(source, "fixed", None)
        each = float(getattr(source, "typical", 1.0)) if fixed is None else float(fixed)
        counts[name] = error.rows if name == error.table else round(counts[above] * each) if above else 1
    return counts


def _plan(program: Program, options: Options, families: dict[str, Family], rows: Mapping[str, int]) -> Plan:
    raw = dict(program.model.schema.raw)
    sink = _sink(program.model, options)
    tables = {
        name: table_plan(program.model, name, rows[name]) for family in families.values() for name in family.tables
    }
    identity = {
        "format": FORMAT, "document": raw, "seed": program.seed, "scale": program.scale, "frozen": program.frozen,
        "cut": {root: [f.block, f.partition] for root, f in families.items()}, "output": sink.model_dump(mode="json"),
    }  # fmt: skip
    plan_id = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    partitions = _cut(families, rows)
    memory = peak(program, families)
    return Plan(
        plan_id, program.model.document.name, program.seed, program.scale, raw, families, tables, partitions,
        sink, memory, options.memory, False, dict(program.frozen),
    )  # fmt: skip


def _cut(families: Mapping[str, Family], rows: Mapping[str, int]) -> tuple[Partition, ...]:
    partitions: list[Partition] = []
    for family in families.values():
        for start in range(0, max(family.rows, 1), family.partition):
            stop = min(start + family.partition, family.rows)
            share = (stop - start) / family.rows if family.rows else 0
            about = {name: round(rows[name] * share) for name in family.tables}
            partitions.append(Partition(len(partitions), family.root, start, stop, {}, about))
    return tuple(partitions)
