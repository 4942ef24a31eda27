"""How large the files of a plan will be, by rows of each family that are made and encoded as a task would."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from datagen.engine.generate import blocks, program_of, rows_of
from datagen.errors import DatagenError
from datagen.planning.plan import Family, Partition, Plan, TablePlan

SAMPLED = 16_000
"""Rows of a family that are made, more only where a single root row has more below it."""
MOST_BELOW = 100_000
"""A family with more rows below a root row is not sampled; its tables keep the size that their types suggest."""
_FEW = 8
"""So few sampled rows say nothing of how a file grows with its rows."""


def with_disk_sizes(plan: Plan) -> Plan:
    """The plan with the bytes of each table's files as a sample of its rows suggests."""
    sizes = {name: size for family in plan.families.values() for name, size in _sizes(plan, family)}
    tables = {name: replace(table, bytes=sizes.get(name, table.bytes)) for name, table in plan.tables.items()}
    return replace(plan, tables=tables)


def _sizes(plan: Plan, family: Family) -> Iterator[tuple[str, int]]:
    """Tables of the family and the bytes of their files; none where its rows cannot be made or are too many."""
    try:
        sampled = _sample(plan, family)
        with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
            draft = Path(folder) / "sample"
            found = {name: _size(plan, plan.tables[name], rows, draft) for name, rows in sampled.items()}
    except (DatagenError, MemoryError, OSError, pa.ArrowException):
        return  # the run will say what is wrong with it
    yield from found.items()


def _sample(plan: Plan, family: Family) -> Mapping[str, pa.Table]:
    """Rows of each table that follow each other, from the middle of the family."""
    rows = {name: plan.tables[name].rows for name in family.tables}
    below = sum(rows.values()) / max(family.rows, 1)
    if below > MOST_BELOW:
        return {}
    size = min(max(int(SAMPLED / max(below, 1.0)), 1), family.rows, family.block)
    start = (family.rows - size) // 2
    first = {name: number * start // max(family.rows, 1) for name, number in rows.items()}
    partition = Partition(0, family.root, start, start + size, first)
    program = program_of(plan)
    made = next(blocks(program, plan, partition))
    return {name: rows_of(program, plan, block) for name, block in made.items()}


def _size(plan: Plan, table: TablePlan, sampled: pa.Table, draft: Path) -> int:
    """The bytes of a table's files: each begins with so many, and grows by so many with a row."""
    rows: int = sampled.num_rows
    files = _files(plan, table)
    whole = _encoded(plan, table, sampled, draft)
    if rows >= table.rows or rows < _FEW:
        return max(whole, round(whole + (table.rows - rows) * table.bytes / max(table.rows, 1)))
    part = _encoded(plan, table, sampled.slice(rows // 2, rows // 4), draft)
    each = max(whole - part, 0) / (rows - rows // 4)
    return round(files * max(whole - each * rows, 0.0) + each * table.rows)


def _files(plan: Plan, table: TablePlan) -> int:
    return max(sum(partition.family == table.family for partition in plan.partitions), 1)


def _encoded(plan: Plan, table: TablePlan, rows: pa.Table, draft: Path) -> int:
    """The bytes of a file with these rows."""
    writer = plan.output.open(draft, table.schema, table.encodings)
    try:
        writer.write(rows)
    finally:
        writer.close()
    return draft.stat().st_size
