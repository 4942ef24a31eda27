"""Replaces estimated row counts of a plan by exact ones: rows and first keys of every partition, the largest block."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial

from datagen.analysis.semantic_model import SemanticModel
from datagen.engine.generate import program_of
from datagen.engine.memory_budget import AT_ONCE, largest
from datagen.engine.program import Program
from datagen.engine.row_counts import RowCounter, RowCounts
from datagen.engine.table_plans import in_zone, table_plan
from datagen.engine.unique_capacity import within_capacity
from datagen.kinds.formats.base import Sink
from datagen.planning.plan import Family, Partition, Plan, TablePlan

CountPartitions = Callable[[Plan, Sequence[Partition]], Sequence[RowCounts]]
"""A function that counts the rows of partitions, here or on a cluster."""


def counts_of(program: Program) -> CountPartitions:
    """Counts the rows of each partition with a program, in this process."""
    return partial(_counts, program)


def counts_here(plan: Plan, partitions: Iterable[Partition]) -> list[RowCounts]:
    """The rows of each partition, counted in this process."""
    return _counts(program_of(plan), plan, partitions)


def _counts(program: Program, plan: Plan, partitions: Iterable[Partition]) -> list[RowCounts]:
    found: list[RowCounts] = []
    before = dict.fromkeys(plan.tables, 0)
    for part in partitions:
        counter = RowCounter(program, part.family)
        found.append(counter.count(part.start, part.stop, plan.families[part.family].block, before))
        for name, rows in found[-1].rows.items():
            before[name] += rows
    return found


def in_order(plan: Plan) -> bool:
    """Whether partitions must be counted one after the other."""
    return any(RowCounter(program_of(plan), root).in_order for root in plan.families)


def exact(plan: Plan, model: SemanticModel, spread: CountPartitions) -> Plan:
    """The plan with exact row counts, the first row of each partition, and the memory of the largest block."""
    found = spread(plan, plan.partitions)
    first = dict.fromkeys(plan.tables, 0)
    partitions = []
    for partition, counter in zip(plan.partitions, found, strict=True):
        begin = {name: first[name] for name in plan.families[partition.family].tables}
        partitions.append(replace(partition, first=begin, rows=dict(counter.rows)))
        for name, number in counter.rows.items():
            first[name] += number
    within_capacity(model, first)
    tables = {n: replace(t, rows=first[n], bytes=_scaled(t.bytes, t.rows, first[n])) for n, t in plan.tables.items()}
    families = _families(plan, found)
    memory = plan.memory + AT_ONCE * (largest(families) - largest(plan.families))
    tables = _with_missing(model, tables, plan.output)
    return replace(plan, partitions=tuple(partitions), tables=tables, families=families, memory=memory, counted=True)


def _families(plan: Plan, found: Sequence[RowCounts]) -> dict[str, Family]:
    """The families with the bytes that their largest blocks take, and their heaviest rows."""
    largest, heaviest = dict.fromkeys(plan.families, 0), dict.fromkeys(plan.families, 0)
    for partition, counter in zip(plan.partitions, found, strict=True):
        largest[partition.family] = max(largest[partition.family], counter.block_bytes)
        heaviest[partition.family] = max(heaviest[partition.family], counter.root_bytes)
    return {
        root: replace(family, block_bytes=largest[root], root_bytes=heaviest[root])
        for root, family in plan.families.items()
    }


def _with_missing(model: SemanticModel, tables: dict[str, TablePlan], sink: Sink) -> dict[str, TablePlan]:
    """The tables, with keys of tables that turned out to be empty made nullable."""
    empty = frozenset(name for name, table in tables.items() if not table.rows)
    if not empty:
        return tables
    rest = model.without(empty)
    shapes = {name: in_zone(table_plan(rest, name, table.rows), sink) for name, table in tables.items()}
    return {
        n: replace(t, schema=shapes[n].schema, truth=shapes[n].truth, clean=shapes[n].clean) for n, t in tables.items()
    }


def _scaled(size: int, before: int, now: int) -> int:
    return round(size * now / before) if before else size
