"""Recomputes cells of another family from row indices; nothing is read from files.

A small table is generated once per worker and kept. Cells of a large root table are computed on demand. A large child
table cannot be addressed by row without counting, and is refused while planning.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pyarrow as pa

from datagen.columnar.block import Block, Column, Ints, Words
from datagen.columnar.text import text_array
from datagen.engine.compiled_document import CompiledDocument
from datagen.engine.execute import execute, release, root_block
from datagen.errors import PlanError
from datagen.planning.steps import Step

MOST_KEPT = 2_000_000
MOST_SCANNED = 20_000_000
"""The most rows that a worker goes through to aggregate them."""
_AT_ONCE = 65_536


class Recompute:
    """From row indices of `table`, int64 (n,), to the values of `column` there."""

    def __init__(self, program: CompiledDocument, table: str, column: str) -> None:
        self._program, self._table, self._column = program, table, column
        self._root = program.root_of(table)
        self._steps = program.steps_for(self._root, {Step(table, column)})
        self._local = all(step.table == table for step in self._steps)
        self._kept: Column | None = None
        program.looked_up.add((table, column))
        self._keep = not self._local or program.rows_in(table) <= MOST_KEPT
        about = 0 if self._local else program.about(table)
        if about > MOST_KEPT:
            raise PlanError(
                f"looking up '{table}.{column}' needs all {about:,} rows of '{table}' in memory (at most "
                f"{MOST_KEPT:,}), because they are below or depend on other tables; put the column's table below "
                f"'{table}' instead, or make it smaller"
            )

    def __call__(self, index: Ints) -> Column:
        if not self._keep:
            return self._made(index)
        if self._kept is None:
            self._kept = cached_column(self._program, self._table, self._column)
        return self._kept.take(index) if len(self._kept) else all_null(self._kept, len(index))

    def _made(self, index: Ints) -> Column:
        """The cells of exactly these rows."""
        block = root_block(self._program.table_programs[self._table], 0, index, scattered=True)
        execute({self._table: block}, self._program.table_programs, self._steps, {})
        return block.columns[self._column]


def all_null(column: Column, count: int) -> Column:
    """Missing cells, for a column of an empty table."""
    if column.type.nested:
        return Column(column.type, pa.nulls(count, column.data.type), np.zeros(count, bool))
    text = isinstance(column.data, pa.Array)
    data = pa.nulls(count, column.data.type).fill_null("") if text else np.zeros(count, column.data.dtype)
    words = (
        column.dictionary if column.dictionary is None or len(column.dictionary) else text_array([""])
    )  # codes need a dictionary entry
    return Column(column.type, data, np.zeros(count, bool), words)


def cached_column(program: CompiledDocument, table: str, column: str) -> Column:
    """A whole column, generated block by block, once per program."""
    if (table, column) not in program.cached:
        parts = (block.columns[column] for block in blocks(program, table, {Step(table, column)}))
        program.cached[table, column] = joined(list(parts))
    return program.cached[table, column]


def identities_of(program: CompiledDocument, table: str) -> Words:
    """The row identities of a whole child table, computed once per program. Raises PlanError for a large table."""
    if table not in program.identities:
        rows = program.about(table)
        if rows > MOST_KEPT:
            raise PlanError(
                f"an effect that rows share through '{table}' needs the identities of all its {rows:,} rows in "
                f"memory (at most {MOST_KEPT:,}); put the behavior on a table above '{table}', or make '{table}' "
                f"smaller"
            )
        program.identities[table] = np.concatenate([block.ids for block in blocks(program, table, {Step(table)})])
    return program.identities[table]


def scan(program: CompiledDocument, table: str, columns: tuple[tuple[str, str], ...]) -> Callable[[], Iterator[Block]]:
    """A function that goes through all rows of `table` with these columns filled. Raises PlanError for a large table:
    each worker goes through it by itself.
    """
    rows = program.about(table)
    if rows > MOST_SCANNED:
        raise PlanError(
            f"a roll-up over '{table}' goes through all its {rows:,} rows in each worker (at most "
            f"{MOST_SCANNED:,}); put '{table}' below this table and leave 'through' out, or make it smaller"
        )
    return lambda: blocks(program, table, {Step(table), *(Step(*column) for column in columns)})


def blocks(program: CompiledDocument, table: str, targets: set[Step], at_once: int = _AT_ONCE) -> Iterator[Block]:
    """All rows of `table` block by block, after these steps. A block is released when the next is requested; it has up
    to `at_once` root rows.
    """
    root = program.root_of(table)
    steps = program.steps_for(root, targets)
    total = program.table_programs[root].source.total
    first: dict[str, int] = {}
    for start in range(0, max(total, 1), at_once):
        made = {root: root_block(program.table_programs[root], start, np.arange(start, min(start + at_once, total)))}
        execute(made, program.table_programs, steps, first)
        yield made[table]
        for name, block in made.items():
            first[name] = first.get(name, 0) + len(block)
        release(made.values())


def joined(parts: list[Column]) -> Column:
    """The values of successive blocks, concatenated."""
    if len(parts) == 1:
        return parts[0]
    if isinstance(parts[0].data, pa.Array):
        data = pa.concat_arrays([part.data for part in parts])
    else:
        data = np.concatenate([part.data for part in parts])
    valid = None
    if any(part.valid is not None for part in parts):
        valid = np.concatenate([np.ones(len(p), bool) if p.valid is None else p.valid for p in parts])
    return Column(parts[0].type, data, valid, parts[0].dictionary)
