"""Generates a partition block by block, as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar import to_arrow
from datagen.columnar.block import Block
from datagen.engine.execute import execute, release, root_block
from datagen.engine.program import Program
from datagen.engine.row_counts import RowCounter, RowCounts
from datagen.planning import answer_key
from datagen.planning.plan import Partition, Plan
from datagen.planning.steps import Step
from datagen.schema.reading.read import read

_MOST_PROGRAMS = 4
_PROGRAMS: dict[tuple[str, bool], Program] = {}


def generate_partition(plan: Plan, partition: Partition) -> Iterator[dict[str, pa.Table]]:
    """The rows of a partition block by block: table name, or `_truth/` and the name, to an Arrow table."""
    program = program_of(plan)
    output = PartitionOutput(program, plan)
    for made in blocks(program, plan, partition):
        yield output.tables(made)
        release(made.values())


def make_table(plan: Plan, partition: Partition, name: str) -> Iterator[pa.Table]:
    """The rows of one table of a partition block by block, computing only what they depend on."""
    program, schema = program_of(plan), plan.tables[name].schema
    targets = {Step(name), *(Step(name, column) for column in schema.names)}
    steps = (
        None if name in program.faults else program.steps_for(partition.family, targets)
    )  # conditions read any column
    for made in blocks(program, plan, partition, steps):
        yield rows_of(program, plan, made[name])
        release(made.values())


def blocks(
    program: Program, plan: Plan, partition: Partition, steps: tuple[Step, ...] | None = None
) -> Iterator[dict[str, Block]]:
    """The filled blocks of a partition. The first row of each table advances from block to block."""
    root = partition.family
    steps = program.steps[root] if steps is None else steps
    first = dict(partition.first)
    size = plan.families[root].block
    for start in range(partition.start, max(partition.stop, partition.start + 1), size):
        ids = np.arange(start, min(start + size, partition.stop))
        made = {root: root_block(program.table_programs[root], start, ids)}
        execute(made, program.table_programs, steps, first)
        for name, block in made.items():
            first[name] = first.get(name, 0) + len(block)
        yield made


def rows_of(program: Program, plan: Plan, block: Block) -> pa.Table:
    """A block as the rows of its table that are written, damaged where the table has faults."""
    faults, schema = program.faults.get(block.table), plan.tables[block.table].schema
    return to_arrow.table(block, schema) if faults is None else faults.apply(block)[0].cast(schema)


@dataclass(slots=True)
class PartitionOutput:
    """Makes the written tables from the blocks of one partition. Counts the rows of its files, which the answer key
    refers to.
    """

    program: Program
    plan: Plan
    written: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Rows so far of each table with faults, with copies and without."""

    def tables(self, made: Mapping[str, Block]) -> dict[str, pa.Table]:
        """The tables that are written, by folder; those with the answer key and hidden columns too."""
        found: dict[str, pa.Table] = {}
        keys = []
        for name, block in made.items():
            table = self.plan.tables[name]
            faults = self.program.faults.get(name)
            if faults is None:
                found[table.folder] = to_arrow.table(block, table.schema)
            else:
                before = self.written.get(name, (0, 0))
                damaged, key = faults.apply(block, before)
                found[table.folder] = damaged.cast(table.schema)
                keys.append(key)
                self.written[name] = (before[0] + found[table.folder].num_rows, before[1] + len(block))
            if table.truth is not None:
                found[f"_truth/{name}"] = to_arrow.table(block, table.truth)
        if keys:
            found[answer_key.FOLDER] = pa.concat_tables(keys).unify_dictionaries()
        return found


def count(plan: Plan, partition: Partition, before: Mapping[str, int] | None = None) -> RowCounts:
    """The exact rows of a partition and its largest block; `before` is as for `RowCounter.count`."""
    counter = RowCounter(program_of(plan), partition.family)
    return counter.count(partition.start, partition.stop, plan.families[partition.family].block, before)


def program_of(plan: Plan) -> Program:
    """The plan's program, compiled once per process and plan."""
    key = _key(plan)
    if key not in _PROGRAMS:
        sizes = {name: table.rows for name, table in plan.tables.items()} if plan.counted else {}
        adopt(plan, Program(_model_of(plan), plan.seed, plan.scale, sizes, plan.frozen))
    return _PROGRAMS[key]


def _model_of(plan: Plan) -> SemanticModel:
    """The semantic model of a plan's document: from a known program, else parsed here."""
    known = _PROGRAMS.get((plan.id, not plan.counted))
    return known.model if known is not None else SemanticModel(read(plan.document))


def adopt(plan: Plan, program: Program) -> None:
    """Keep the program of a plan. Programs of the last few plans are kept."""
    _PROGRAMS[_key(plan)] = program
    while len(_PROGRAMS) > _MOST_PROGRAMS:
        del _PROGRAMS[next(iter(_PROGRAMS))]


def _key(plan: Plan) -> tuple[str, bool]:
    return plan.id, plan.counted
