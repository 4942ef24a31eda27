"""Generates the first rows of each table, equal to those of the full run."""

from __future__ import annotations

import difflib

import numpy as np
import pyarrow as pa

from datagen.columnar.block import Block
from datagen.engine.execute import execute, root_block
from datagen.engine.generate import program_of, rows_of
from datagen.engine.program import Program
from datagen.errors import PlanError
from datagen.planning.plan import Plan


def first_rows(plan: Plan, table: str | None, rows: int) -> dict[str, pa.Table]:
    """Up to `rows` rows of every visible table, or of the named one. Raises PlanError for an unknown table."""
    if table is not None and table not in plan.tables:
        close = difflib.get_close_matches(table, plan.tables, n=1)
        raise PlanError(
            f"there is no table '{table}'; "
            + (f"did you mean '{close[0]}'?" if close else f"known: {', '.join(plan.tables)}")
        )
    program = program_of(plan)
    found: dict[str, pa.Table] = {}
    for family in plan.families.values():
        selected = [name for name in family.tables if name == table or (table is None and name in plan.shown)]
        if selected:
            found |= _of_family(program, plan, family.root, selected, rows)
    return {name: found[name] for name in plan.tables if name in found}


def _of_family(program: Program, plan: Plan, root: str, selected: list[str], rows: int) -> dict[str, pa.Table]:
    """Generates more and more root rows until every requested table has enough rows."""
    total, size = plan.families[root].rows, rows
    while True:
        made = _blocks(program, root, min(size, total))
        enough = all(len(made[name]) >= rows for name in selected)
        if enough or size >= total or size >= plan.families[root].block:
            return {name: rows_of(program, plan, made[name]).slice(0, rows) for name in selected}
        size *= 8


def _blocks(program: Program, root: str, size: int) -> dict[str, Block]:
    made = {root: root_block(program.table_programs[root], 0, np.arange(size))}
    execute(made, program.table_programs, program.steps[root], {})
    return made
