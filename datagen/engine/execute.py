"""Executes the steps of a plan on one block: makes rows and fills columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from datagen.columnar.block import Block, Ints, Rows
from datagen.errors import OUT_OF_MEMORY, PlanError, RunError, ValueFault
from datagen.kinds.generators.base import Fill
from datagen.kinds.row_sources.base import Children, Roots
from datagen.planning.steps import Step
from datagen.random.streams import root_identities


@dataclass(eq=False)
class TableProgram:
    """How a table is made: its row source, bound on first use, and the fillers of its columns."""

    name: str
    parent: str | None
    bind: Callable[[], Roots | Children]
    fills: Mapping[str, Fill]
    time: str | None = None

    @cached_property
    def source(self) -> Any:
        """Roots for a root table, Children for a child table."""
        with errors_at(self.name, None):
            return self.bind()


TablePrograms = Mapping[str, TableProgram]


def root_block(program: TableProgram, first: int, index: Ints, *, scattered: bool = False) -> Block:
    """A block of root rows with these indices, without columns."""
    ids = root_identities(index)
    attributes = dict(program.source.attributes(index, ids))
    numbers = index if scattered else None
    return Block(program.name, first, ids, attributes=attributes, time=program.time, row_numbers=numbers)


def child_block(program: TableProgram, parent: Block, first: int) -> Block:
    """The rows of `program`'s table below a block of its parent, without columns."""
    found = program.source.expand(parent)
    owner = np.repeat(np.arange(len(parent)), found.counts)
    of, columns = (parent, owner, found.counts), dict(found.columns)
    block = Block(program.name, first, found.ids, *of, found.attributes, program.time, columns)
    parent.children[program.name] = block
    return block


def release(blocks: Iterable[Block]) -> None:
    """Break the reference cycle of parent and child blocks, so that they are freed without the garbage collector."""
    for block in blocks:
        block.parent = None
        block.children.clear()
        block.columns.clear()
        block.memo.clear()


def execute(
    blocks: dict[str, Block], table_programs: TablePrograms, steps: Iterable[Step], first: Mapping[str, int]
) -> None:
    """Execute `steps` on the blocks; `first` is the first row of each table."""
    for step in steps:
        with errors_at(step.table, step.column):
            _execute_step(step, blocks, table_programs[step.table], first)


def _execute_step(step: Step, blocks: dict[str, Block], program: TableProgram, first: Mapping[str, int]) -> None:
    if step.column is None:
        if program.parent is not None:
            blocks[step.table] = child_block(program, blocks[program.parent], first.get(step.table, 0))
        return
    block = blocks[step.table]
    if step.column in block.columns:  # filled when the rows were made
        return
    values = program.fills[step.column](Rows(block))
    if len(values) != len(block):
        raise RunError(f"column {step} has {len(values):,} values for {len(block):,} rows; please report this")
    block.columns[step.column] = values


@contextmanager
def errors_at(table: str, column: str | None) -> Iterator[None]:
    """Add the place in the document to errors of planning or generation, and turn a MemoryError into one of them."""
    try:
        yield
    except PlanError as error:
        error.step = error.step or (table, column)
        raise
    except ValueFault as error:
        raise ValueFault(error.reason, error.step or (table, column)) from None
    except MemoryError:
        raise ValueFault(OUT_OF_MEMORY, (table, column)) from None
