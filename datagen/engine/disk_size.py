"""Estimates the file sizes of a plan from a sample of rows, generated and encoded as in a task."""

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
"""Sampled rows of a family. More only if a single root row has more below it."""
MOST_BELOW = 100_000
"""A family with more rows below one root row is not sampled; its sizes are estimated from the column types."""
_FEW = 8
"""With fewer sampled rows, the growth of a file per row cannot be estimated."""


def with_disk_sizes(plan: Plan) -> Plan:
    """The plan with the bytes of each table's files estimated from a sample of its rows."""
    sizes = {name: size for family in plan.families.values() for name, size in _sizes(plan, family)}
    tables = {name: replace(table, bytes=sizes.get(name, table.bytes)) for name, table in plan.tables.items()}
    return replace(plan, tables=tables)


def _sizes(plan: Plan, family: Family) -> Iterator[tuple[str, int]]:
    """The bytes of the files of each table of the family. Empty if its rows cannot be made or are too many."""
    try:
        sampled = _sample(plan, family)
        with tempfile.TemporaryDirectory(prefix="datagen-") as folder:
            draft = Path(folder) / "sample"
            found = {name: _size(plan, plan.tables[name], rows, draft) for name, rows in sampled.items()}
    except (DatagenError, MemoryError, OSError, pa.ArrowException):
        return  # the run will report the error
    yield from found.items()


def _sample(plan: Plan, family: Family) -> Mapping[str, pa.Table]:
    """Consecutive rows of each table, from the middle of the family."""
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
    """The bytes of a table's files: a constant per file, plus a number per row."""
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
