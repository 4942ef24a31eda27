"""Makes the plan of a valid document: samples rows, sizes blocks and partitions, counts, checks the memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from datagen.analysis.distinct_values import most_folders
from datagen.analysis.semantic_model import SemanticModel
from datagen.byte_sizes import format_size
from datagen.engine.exact_counts import CountPartitions, counts_of, exact
from datagen.engine.generate import adopt, program_of
from datagen.engine.memory_budget import AT_ONCE, BASE_MEMORY, largest, peak, within_budget
from datagen.engine.program import Program
from datagen.engine.row_counts import ENOUGH, MOST_SAMPLED, SIMULATED, Counts, RowCounter, RowLimitReached, spread_out
from datagen.engine.strata import HeaviestRow, refused, too_heavy
from datagen.engine.table_plans import FORMAT, cell_bytes, disk_row, in_zone, table_plan
from datagen.engine.unique_capacity import fits, within_capacity, within_format
from datagen.errors import PlanError
from datagen.kinds.formats.base import Sink
from datagen.kinds.formats.parquet import Parquet
from datagen.kinds.row_sources.base import typical_rows
from datagen.planning.plan import Family, Partition, Plan

BLOCK_ROWS = 120_000
BLOCK_BYTES = 500_000_000
"""The target size of a block: three fit the default budget, and no text column exceeds 2 GB."""
PROCESS_BLOCK_ROWS, PROCESS_BLOCK_BYTES = 480_000, 30_000_000
"""The target of a block with processes, if it has so few bytes and the budget has room for it. A step of a simulation
takes about as long for a hundred entities as for a thousand.
"""
PARTITION_ROWS = 1_000_000
"""Rows of a partition of a small run."""
MANY_PARTITIONS = 64
"""The fewest partitions of a large family, so that workers share the work evenly."""
FILE_SIZE, LARGEST_FILE = 256_000_000, 512_000_000
"""Bytes of the files of a large run, and the most that a file of wide rows has: what readers of Parquet like best."""
SMALL_FILE = 8_000_000
"""Bytes of a file in a Hive folder, where a partition writes a file to each folder: partitions are larger, so that
files
are not smaller.
"""
MOST_PARTITIONS = 200_000


class CountedAtOnce(NamedTuple):
    """The most root rows, rows in total, rows to generate for counting, and rows of processes, whose entities must be
    simulated to count them, with which planning counts exactly.
    """

    roots: int
    rows: int
    made: int
    simulated: int


AT_ONCE_IN_PLAN = CountedAtOnce(2_000_000, 50_000_000, 4_000_000, 4_000_000)
"""Datasets that are counted exactly while planning; larger ones are counted when they are run."""
_MOST_CUTS = 6
"""Times that blocks are cut smaller before a plan is refused."""
_SHARE = 0.8
"""How much of the room next to the heaviest row is planned for average ones."""
_AMPLE, _GROUPS, _UNEVEN = 8, 16, 2.5
"""Blocks of less than an eighth of the memory have room for any that is larger than most; groups of as many roots whose
largest has two and a half times the rows of an average one show that rows per root are heavy-tailed.
"""
_LEAST_BYTES = AT_ONCE * 24
"""The minimum bytes of a row in a block: identity, parent and position."""


@dataclass(frozen=True, slots=True)
class PlanSettings:
    """How to generate a document. `memory` is the budget of a task in bytes; `partition_rows` is the approximate number
    of rows of a partition. By default it is a million for tables of usual width.
    """

    seed: int
    scale: float = 1.0
    partition_rows: int | None = None
    memory: int = 2_000_000_000
    output: Sink | None = None


def make_plan(model: SemanticModel, options: PlanSettings, *, count: bool | None = None) -> Plan:
    """The plan of a valid document.

    `count` requests exact row counts (True) or estimates (False); None decides by size. Raises PlanError if the plan
    exceeds the budget.
    """
    program = Program(model, options.seed, options.scale, {}, {})
    plan = planned(
        program, options, (lambda estimated: estimated.within(AT_ONCE_IN_PLAN)) if count is None else lambda _: count
    )
    if plan.counted:
        program.sizes.update({name: table.rows for name, table in plan.tables.items()})
        adopt(plan, program)
    return plan


def planned(program: Program, options: PlanSettings, exactly: Callable[[PlanEstimates], bool]) -> Plan:
    """The plan of a program; `exactly` decides by the estimates whether rows are counted. Raises PlanError like
    `make_plan`.
    """
    families = {root: _family(program, root, options) for root in program.families}
    estimates = {name: rows for _, counts in families.values() for name, rows in counts.items()}
    estimated = PlanEstimates(program, {root: family for root, (family, _) in families.items()}, estimates, options)
    count = exactly(estimated)
    if not count:
        program.sizes.update(estimates)
    program.bind_all()
    plan = _plan(estimated)
    within_budget(plan, program.model)
    within_capacity(program.model, estimates)
    if estimated.heavy is not None and (not count or estimated.heavy.clear(options.memory)):
        raise refused(estimated.heavy, options.memory)
    if not count:
        within_format(plan)
        return plan
    return _counted(plan, program, counts_of(program))


def counted(plan: Plan, spread: CountPartitions) -> Plan:
    """The exact plan; `spread` does the counting. Raises PlanError if what was counted cannot be made within the
    budget.
    """
    return plan if plan.counted else _counted(plan, program_of(plan), spread)


def _counted(plan: Plan, program: Program, spread: CountPartitions) -> Plan:
    """The exact plan, in smaller blocks where the largest one does not fit."""
    plan = exact(plan, program.model, spread)
    for _ in range(_MOST_CUTS):
        finer = _finer(plan, program) if plan.memory > plan.budget else None
        if finer is None:
            break
        options = PlanSettings(plan.seed, plan.scale, memory=plan.budget, output=plan.output)
        rows = {name: table.rows for name, table in plan.tables.items()}
        plan = exact(_plan(PlanEstimates(program, finer, rows, options)), program.model, spread)
    within_budget(plan, program.model)
    within_format(plan)
    return plan


@dataclass(frozen=True)
class PlanEstimates:
    """How the families are cut, and about how many rows each table has."""

    program: Program
    families: dict[str, Family]
    rows: Counts
    options: PlanSettings

    def within(self, most: CountedAtOnce) -> bool:
        """Whether the numbers of rows are small enough to count them exactly."""
        roots = sum(family.rows for family in self.families.values())
        if roots > most.roots or sum(self.rows.values()) > most.rows:
            return False
        tables = self.program.model.tables
        if sum(rows for name, rows in self.rows.items() if tables[name].rows.follows is not None) > most.simulated:
            return False
        return (
            sum(self.rows[name] for root in self.families for name in RowCounter(self.program, root).made) <= most.made
        )

    @property
    def near(self) -> bool:
        """Whether exact counts may exceed a limit that the estimates do not."""
        room = self.options.memory - BASE_MEMORY
        if peak(self.program, self.families) - BASE_MEMORY > room / _AMPLE:
            return True
        if not all(fits(self.program.model, {name: 2 * rows for name, rows in self.rows.items()})):
            return True
        return self.heavy is not None or any(self._uneven(root) for root in self.families)

    @cached_property
    def heavy(self) -> HeaviestRow | None:
        """A rare group of rows with more below one of them than a task has room for."""
        return too_heavy(self.program, self.rows, self.options.memory)

    def _uneven(self, root: str) -> bool:
        """Whether some rows of the root have far more below them than others."""
        total = self.families[root].rows
        each = sum(self.rows[name] for name in self.families[root].tables) / max(total, 1)
        counter = RowCounter(self.program, root)
        few = SIMULATED[-1] if counter.simulated else int(min(max(MOST_SAMPLED / 2.0 / max(each, 1.0), _GROUPS), 1024))
        ids = spread_out(total, few) if total else np.zeros(0, np.int64)
        try:
            sizes = np.bincount(np.arange(len(ids)) % _GROUPS, counter.by_root(ids, MOST_SAMPLED))
        except RowLimitReached:
            return True
        return bool(sizes.max(initial=0.0) > _UNEVEN * sizes.sum() / _GROUPS)


def _finer(plan: Plan, program: Program) -> dict[str, Family] | None:
    """The families cut into blocks that fit the budget; None where the rows below a single root do not."""
    room = (plan.budget - plan.memory) / AT_ONCE + largest(plan.families)
    found = {}
    for root, family in plan.families.items():
        size = _fitting(plan, program, family, room) if family.block_bytes > room else family.block
        if size < 1:
            return None
        found[root] = family.of_blocks(size)
    return found


def _fitting(plan: Plan, program: Program, family: Family, room: float) -> float:
    """Root rows of a block that has room for the heaviest one and average ones, fewer than now; 0
    where there is none.
    """
    if family.block == 1 or family.root_bytes > room:
        return 0
    whole = sum(plan.tables[name].rows * cell_bytes(program.model, name) for name in family.tables)
    others = _SHARE * (room - family.root_bytes) / max(whole / max(family.rows, 1), 1)
    return max(min(others, family.block / 2), 1)


def _family(program: Program, root: str, options: PlanSettings) -> tuple[Family, Counts]:
    """The partitions and blocks of a family, and the rows of its tables estimated from a sample."""
    total = int(program.table_programs[root].source.total)
    below = _sample(program, root, total, options.memory)
    each = sum(below.values()) if total else 1.0
    wide = sum(cell_bytes(program.model, name) * rows for name, rows in below.items())
    at_once = BLOCK_ROWS // max(each, 1e-9)
    simulated = any(program.model.tables[name].rows.follows is not None for name in below)
    if simulated and options.memory >= BASE_MEMORY + AT_ONCE * PROCESS_BLOCK_BYTES:
        at_once = max(at_once, min(PROCESS_BLOCK_ROWS / max(each, 1e-9), PROCESS_BLOCK_BYTES / max(wide, 1e-9)))
    block = int(min(max(at_once, 1), max(total, 1), 1 << 18))
    rows = options.partition_rows or _partition_rows(program.model, options, below, total)
    partition = max(int(rows // max(each, 1e-9)), 1)
    if options.partition_rows is None:
        partition = max(partition, 2 * total // MOST_PARTITIONS)
    block = max(1, min(block, partition, int(BLOCK_BYTES / max(wide, 1e-9))))
    partition = max(partition // block, 1) * block
    if total / partition > MOST_PARTITIONS:
        raise _at(
            root,
            f"{rows:,} rows a partition make {int(total / partition):,} partitions of '{root}', more than "
            f"{MOST_PARTITIONS:,}; ask for larger ones with --partition-rows",
        )
    size = round(wide * block)
    family = Family(root, program.families[root], total, block, partition, size)
    return family, {name: round(rows * total) for name, rows in below.items()}


def _partition_rows(model: SemanticModel, options: PlanSettings, below: Mapping[str, float], total: int) -> int:
    """The rows of a partition of a family by the size of its largest table's files; `below` are the rows per root row.

    It depends on the document alone, so that a run can be resumed with any number of workers.
    """
    sink = _sink(model, options)
    each = max(sum(below.values()), 1e-9)
    sizes = {name: disk_row(model, name) * rows * sink.inflation for name, rows in below.items()}
    divided = most_folders(model, sink, below)
    files = {name: size / divided[name] for name, size in sizes.items()}
    fitting = each / max(files[max(sizes, key=sizes.__getitem__)], 1e-9)  # rows of the family for each byte of a file
    if sink.file_size is not None:
        return max(round(sink.file_size * fitting), 1)
    least = PARTITION_ROWS if max(divided.values()) == 1 else max(PARTITION_ROWS, SMALL_FILE * fitting)
    ideal = max(least, min(total * each / MANY_PARTITIONS, FILE_SIZE * fitting))
    return max(round(min(ideal, LARGEST_FILE * each / max(*files.values(), 1e-9))), 1)


def _sink(model: SemanticModel, options: PlanSettings) -> Sink:
    return options.output or model.document.output or Parquet()


def _sample(program: Program, root: str, total: int, memory: int) -> dict[str, float]:
    """Rows of each table per root row, from root rows spread over the whole table: a few first, more
    if they are cheap.
    """
    if not total:
        return dict.fromkeys(program.families[root], 0.0)
    counter = RowCounter(program, root)
    counts: Counts = {}
    size = 0
    for most in (*SIMULATED, 512, 4096):
        ids = spread_out(total, most)
        try:
            counts, size = counter.sample(ids, MOST_SAMPLED), len(ids)
        except RowLimitReached as error:
            if not size:
                counts, size = _estimated(program, root, error, memory), 1
            break
        if sum(counts.values()) > (ENOUGH if size > 1 else 1_000_000) or size == total:
            break
    return {name: rows / size for name, rows in counts.items()}


def _estimated(program: Program, root: str, error: RowLimitReached, memory: int) -> Counts:
    """The rows below a root row if one table alone has too many to be sampled. Raises PlanError over the budget."""
    least = error.rows * _LEAST_BYTES
    if least > memory:
        raise _at(
            error.table,
            f"a row of '{root}' has {error.rows:,} rows of '{error.table}' below it (a single one cannot be "
            f"divided), which take at least {format_size(least)} of memory, the budget is {format_size(memory)}; "
            f"raise --memory, or lower the number of rows per parent",
        )
    counts: Counts = {}
    for name in program.families[root]:
        above, source = program.table_programs[name].parent, program.table_programs[name].source
        each = typical_rows(source)
        counts[name] = error.rows if name == error.table else round(counts[above] * each) if above else 1
    return counts


def _plan(estimated: PlanEstimates) -> Plan:
    program, families, rows, options = estimated.program, estimated.families, estimated.rows, estimated.options
    raw = dict(program.model.schema.raw)
    sink = _sink(program.model, options)
    tables = {
        name: replace(in_zone(table_plan(program.model, name, rows[name]), sink), hive_folders=most)
        for family in families.values()
        for name, most in most_folders(program.model, sink, family.tables).items()
    }
    identity = {
        "format": FORMAT, "document": json.dumps(raw), "seed": program.seed, "scale": program.scale,
        "frozen": program.frozen,
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


def _at(table: str, message: str) -> PlanError:
    error = PlanError(message)
    error.step = (table, None)
    return error
