"""Generates a partition block by block, as Arrow tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from datagen.analysis.semantic_model import SemanticModel
from datagen.columnar import to_arrow
from datagen.columnar.block import Block
from datagen.engine.execute import fill, release, root_block
from datagen.engine.program import Program
from datagen.engine.row_counts import RowCounter, RowCounts
from datagen.planning.plan import Partition, Plan
from datagen.planning.steps import Step
from datagen.schema.reading.read import read

_MOST_PROGRAMS = 4
_PROGRAMS: dict[tuple[str, bool], Program] = {}


def generate_partition(plan: Plan, partition: Partition) -> Iterator[dict[str, pa.Table]]:
    """The rows of a partition block by block: table name, or `_truth/` and the name, to an Arrow table."""
    program = program_of(plan)
    for made in blocks(program, plan, partition):
        yield {key: table for name, block in made.items() for key, table in tables_of(plan, name, block)}
        release(made.values())


def make_table(plan: Plan, partition: Partition, name: str) -> Iterator[pa.Table]:
    """The rows of one table of a partition block by block; nothing is made that they do not depend on."""
    program, schema = program_of(plan), plan.tables[name].schema
    wanted = {Step(name), *(Step(name, column) for column in schema.names)}
    for made in blocks(program, plan, partition, program.steps_for(partition.family, wanted)):
        yield to_arrow.table(made[name], schema)
        release(made.values())


def blocks(
    program: Program, plan: Plan, partition: Partition, steps: tuple[Step, ...] | None = None
) -> Iterator[dict[str, Block]]:
    """The filled blocks of a partition; where a table's rows begin moves on from block to block."""
    root = partition.family
    steps = program.steps[root] if steps is None else steps
    first = dict(partition.first)
    size = plan.families[root].block
    for start in range(partition.start, max(partition.stop, partition.start + 1), size):
        ids = np.arange(start, min(start + size, partition.stop))
        made = {root: root_block(program.works[root], start, ids)}
        fill(made, program.works, steps, first)
        for name, block in made.items():
            first[name] = first.get(name, 0) + len(block)
        yield made


def tables_of(plan: Plan, name: str, block: Block) -> Iterator[tuple[str, pa.Table]]:
    """A block as the tables that are written of it, each with its name."""
    table = plan.tables[name]
    yield table.folder, to_arrow.table(block, table.schema)
    if table.truth is not None:
        yield f"_truth/{name}", to_arrow.table(block, table.truth)


def count(plan: Plan, partition: Partition, before: Mapping[str, int] | None = None) -> RowCounts:
    """The exact rows of a partition, and its largest block; `before` as for `Census.count`."""
    census = RowCounter(program_of(plan), partition.family)
    return census.count(partition.start, partition.stop, plan.families[partition.family].block, before)


def program_of(plan: Plan) -> Program:
    """The plan's program, compiled once per process and plan."""
    key = _key(plan)
    if key not in _PROGRAMS:
        sizes = {name: table.rows for name, table in plan.tables.items()} if plan.counted else {}
        adopt(plan, Program(_model_of(plan), plan.seed, plan.scale, sizes, plan.frozen))
    return _PROGRAMS[key]


def _model_of(plan: Plan) -> SemanticModel:
    """The document of a plan as it was read before, with or without exact counts; else read here."""
    known = _PROGRAMS.get((plan.id, not plan.counted))
    return known.model if known is not None else SemanticModel(read(plan.document))


def adopt(plan: Plan, program: Program) -> None:
    """Keep a program for a plan; those of the last few plans are kept."""
    _PROGRAMS[_key(plan)] = program
    while len(_PROGRAMS) > _MOST_PROGRAMS:
        del _PROGRAMS[next(iter(_PROGRAMS))]


def _key(plan: Plan) -> tuple[str, bool]:
    return plan.id, plan.counted
