"""Counts rows exactly, using only the draws that the counts depend on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from datagen.columnar.block import Block, Column, Ints
from datagen.columnar.text import text_array
from datagen.engine.compiled_document import CompiledDocument
from datagen.engine.execute import TableProgram, errors_at, execute, release, root_block
from datagen.engine.table_plans import cell_bytes
from datagen.errors import PlanError
from datagen.planning.steps import Step
from datagen.point_process.trajectory import Trajectory
from datagen.random.streams import MOST_AT_ONCE

Counts = dict[str, int]
_LARGE = 100_000_000
"""Bytes of a block of which it matters how they are spread over the root rows."""
MADE_AT_ONCE = 120_000
"""Rows that are made at once in order to count others. Often they are far fewer than those of a block."""


@dataclass(frozen=True, slots=True)
class RowCounts:
    """Rows of each table below some root rows, and the bytes that the largest block of them takes in memory.

    `root_bytes` are the bytes of the heaviest single root row with all rows below it, if blocks are large; else 0."""

    rows: Counts
    block_bytes: int
    root_bytes: int = 0


class RowLimitReached(PlanError):
    """A sample would need more rows of a table than the limit."""

    def __init__(self, table: str, rows: int, root: str) -> None:
        super().__init__(f"{rows:,} rows of '{table}' are below a few rows of '{root}'; lower the number per parent")
        self.step, self.table, self.rows = (table, None), table, rows


NOTHING: Mapping[Step, Any] = {}
ENOUGH = 20_000
"""Rows of a sample that is not enlarged."""
SIMULATED, STAYS = (1, 8, 64), ""
"""Sizes of the samples of root rows whose processes are simulated together, and the name of the number of stays among
the rows below one.
"""


@dataclass(frozen=True, slots=True)
class LimitedCount:
    """A count of a few rows: at most `most` of a table are made, and the columns `held` are constant."""

    most: float
    held: Mapping[Step, Any]


MOST_SAMPLED = 2_000_000
"""The most rows of a table that are made in a sample."""


class RowCounter:
    """Counts the rows of a family, or of some of its tables and their ancestors, below ranges of its root rows."""

    def __init__(self, program: CompiledDocument, root: str, tables: tuple[str, ...] | None = None) -> None:
        self._program, self._root, self.root = program, root, root
        self._tables = program.families[root] if tables is None else tables
        self._table_programs: dict[str, TableProgram] = {name: program.table_programs[name] for name in self._tables}
        self._leaves = [name for name in self._tables if name != root and self._countable(name)]
        self._fixed = all(self._fixed_count(name) is not None for name in self._tables if name != root)
        self._steps = () if self._fixed else self._needed()

    def _countable(self, name: str) -> bool:
        """Whether the rows below it can be counted without making its rows: there are none, or a fixed number per
        parent.
        """
        below = [other for other, program in self._table_programs.items() if program.parent == name]
        return all(self._fixed_count(other) is not None and self._countable(other) for other in below)

    @property
    def made(self) -> tuple[str, ...]:
        """The tables whose rows must be made to count those below them."""
        return tuple(name for name in self._tables if name != self._root and name not in self._leaves)

    def _fixed_count(self, name: str) -> int | None:
        fixed: int | None = self._table_programs[name].source.fixed
        return fixed

    def _needed(self) -> tuple[Step, ...]:
        """The rows of every table with children, and what the counts of leaf tables depend on."""
        graph = self._program.graphs[self._root]
        targets = {Step(name) for name in self._tables if name not in self._leaves}
        for leaf in self._leaves:
            if self._fixed_count(leaf) is None and self._table_programs[leaf].parent not in self._leaves:
                targets |= graph[Step(leaf)]
        return self._program.steps_for(self._root, targets)

    @property
    def in_order(self) -> bool:
        """Whether counts depend on the number of earlier rows, so that blocks must be counted in order."""
        model = self._program.model
        read = ((step.table, step.column) for step in self._steps if step.column is not None)
        return any(
            model.tables[table].columns[name].depends_on_row_number(model.column(table, name)) for table, name in read
        )

    def count(self, start: int, stop: int, block: int, before: Mapping[str, int] | None = None) -> RowCounts:
        """The rows below root rows `start` to `stop`, and the largest of their blocks of `block` root rows each. Blocks
        are counted together as far as they are small.

        `before` is the number of rows of each table above `start`; it matters only if counts are `in_order`.
        """
        if self._fixed:
            one, whole = self._arithmetic(1), self._arithmetic(min(block, stop - start))
            return RowCounts(self._arithmetic(stop - start), self._bytes(whole), self._bytes(one))
        total, largest, heaviest = dict.fromkeys(self._tables, 0), 0, 0
        first, together, before = start, 1, before or {}
        while first < stop:
            ids = np.arange(first, min(first + together * block, stop))
            root = root_block(self._table_programs[self._root], first, ids)
            made, below = self._made(root, {name: before.get(name, 0) + rows for name, rows in total.items()}, None)
            each, rows_made = self._each(made, below), sum(map(len, made.values()))
            release(made.values())
            for at in range(0, len(root), block):
                found, single = self._within({name: counts[at : at + block] for name, counts in each.items()})
                largest, heaviest = max(largest, self._bytes(found)), max(heaviest, single)
                total = {name: rows + found[name] for name, rows in total.items()}
            first += len(root)
            together = max(int(min(_LARGE / max(largest, 1), MADE_AT_ONCE * together / max(rows_made, 1))), 1)
        return RowCounts(total, largest, heaviest)

    def _bytes(self, rows: Counts) -> int:
        return sum(cell_bytes(self._program.model, name) * number for name, number in rows.items())

    def sample(self, ids: Ints, most: float = MOST_AT_ONCE, held: Mapping[Step, Any] = NOTHING) -> Counts:
        """The rows per table below these root rows, as if all cells of the columns `held` were these. Raises TooMany if
        it would make more than `most` rows of a table.
        """
        if self._fixed:
            return self._arithmetic(len(ids))
        if self.simulated and not held:
            trajectories = self._trajectories(ids, most)
            return {name: sum(rows[name] for rows in trajectories) for name in self._tables}
        at = (self._tables, ids.tobytes(), most)
        found = None if held else self._program.samples.get(at)
        if found is None:
            root = root_block(self._table_programs[self._root], 0, ids, scattered=True)
            made, below = self._made(root, {}, LimitedCount(most, held))
            found = {name: int(rows.sum()) for name, rows in self._each(made, below).items()}
            release(made.values())
            if not held:
                self._program.samples[at] = found
        return dict(found)

    def by_root(self, ids: Ints, most: float = MOST_AT_ONCE) -> Ints:
        """The rows of all tables below each of these root rows, int64 (n,). Raises TooMany like `sample`."""
        if self._fixed:
            return np.full(len(ids), sum(self._arithmetic(1).values()))
        if self.simulated:
            trajectories = self._trajectories(ids, most)
            return np.array([sum(rows[name] for name in self._tables) for rows in trajectories], np.int64)
        root = root_block(self._table_programs[self._root], 0, ids, scattered=True)
        made, below = self._made(root, {}, LimitedCount(most, NOTHING))
        each: Ints = np.sum(list(self._each(made, below).values()), axis=0)
        release(made.values())
        return each

    def block(self, table: str, columns: Iterable[Step], ids: Ints) -> Block:
        """The rows of a table below these root rows, with some columns. Raises TooMany like `sample`."""
        made = {self._root: root_block(self._table_programs[self._root], 0, ids, scattered=True)}
        for step in self._program.steps_for(self._root, {Step(table), *columns}):
            self._filled(step, made, {}, MOST_AT_ONCE)
        return made[table]

    def _filled(self, step: Step, made: dict[str, Block], first: Mapping[str, int], most: float | None) -> None:
        """Carries out a step, of at most `most` rows of a child table."""
        below = step.column is None and step.table != self._root and step.table in self._table_programs
        if most is not None and below:
            self._bounded(step.table, made, most)
        execute(made, self._program.table_programs, (step,), first)

    @cached_property
    def simulated(self) -> bool:
        """Whether rows follow processes of root rows, so that a step takes as long for a few of them as for one, and
        have few others beside them.
        """
        model, total = self._program.model, int(self._program.table_programs[self._root].source.total)
        follow = [model.tables[name] for name in self._tables if model.tables[name].rows.follows is not None]
        if not total or not follow or any(table.parent != self._root for table in follow) or self.in_order:
            return False
        beside = tuple(name for name in self._tables if model.tables[name].rows.follows is None)
        beside = tuple(name for name in beside if model.tables[name].parent in (None, self._root))
        rows = RowCounter(self._program, self._root, beside).sample(spread_out(total, 1), MOST_SAMPLED)
        return sum(rows.values()) * sum(SIMULATED) <= MOST_SAMPLED

    def _trajectories(self, ids: Ints, most: float) -> list[Counts]:
        """The rows of each table below each of these root rows, and the stays. The first to ask has the samples of all
        others simulated along.
        """
        known, tables = self._program.trajectories.setdefault(self._root, {}), {*self._tables}
        if not all(known.get(row, {}).keys() >= tables for row in ids.tolist()):
            total = int(self._program.table_programs[self._root].source.total)
            usual = np.concatenate([spread_out(total, size) for size in SIMULATED])
            together = [one for one in {*ids.tolist(), *usual.tolist()} if not known.get(one, {}).keys() >= tables]
            try:
                known.update(self._simulate(sorted(together), MOST_SAMPLED))
            except RowLimitReached:
                known.update(self._simulate(ids.tolist(), most))
        found = [known[row] for row in ids.tolist()]
        for name in self.made:
            rows = sum(one[name] for one in found)
            if rows > most:
                raise RowLimitReached(name, rows, self._root)
        return found

    def _simulate(self, rows: list[int], most: float) -> dict[int, Counts]:
        """The rows of each table below each of these root rows, and the stays, in one simulation."""
        root = root_block(self._table_programs[self._root], 0, np.array(rows, np.int64), scattered=True)
        made, below = self._made(root, {}, LimitedCount(most, NOTHING))
        each = {**self._each(made, below), STAYS: _stays(made, len(rows))}
        release(made.values())
        numbers = np.array([*each.values()]).T.tolist()
        return {row: dict(zip(each, one, strict=True)) for row, one in zip(rows, numbers, strict=True)}

    def stays(self, ids: Ints) -> int | None:
        """The stays of all processes below these root rows; None if they are not simulated together."""
        return sum(rows[STAYS] for rows in self._trajectories(ids, MOST_SAMPLED)) if self.simulated else None

    def _within(self, each: dict[str, Ints]) -> tuple[Counts, int]:
        """Rows of each table, given by root row, and the bytes of the heaviest root row if they are many."""
        counted = {name: int(rows.sum()) for name, rows in each.items()}
        if self._bytes(counted) <= _LARGE:
            return counted, 0
        size = np.sum([rows * cell_bytes(self._program.model, name) for name, rows in each.items()], axis=0)
        return counted, int(size.max(initial=0))

    def _made(
        self, root: Block, first: Mapping[str, int], trial: LimitedCount | None
    ) -> tuple[dict[str, Block], Mapping[str, Ints | None]]:
        """The blocks that are needed to count the rows below a block of root rows, and the rows of each table."""
        made = {self._root: root}
        for step in self._steps:
            self._filled(step, made, first, None if trial is None else trial.most)
            if trial is not None and step in trial.held:
                columns = made[step.table].columns
                columns[step.column or ""] = _constant(columns[step.column or ""], trial.held[step])
        return made, {name: self._counted(name, made) for name in self._tables}

    def _counted(self, name: str, made: dict[str, Block]) -> Ints | None:
        """The rows of a table by row of its parent (of the root table: one each); None where as many are below each of
        those not made.
        """
        parent = self._table_programs[name].parent or ""
        if name in made:
            counts = made[name].counts
            return np.ones(len(made[name]), np.int64) if counts is None else counts
        return self._leaf(name, made) if parent in made else None

    def _each(self, made: dict[str, Block], below: Mapping[str, Ints | None]) -> dict[str, Ints]:
        """The rows of each table by root row."""
        each: dict[str, Ints] = {}
        for name, rows in below.items():
            parent = self._table_programs[name].parent or ""
            each[name] = (
                each[parent] * (self._fixed_count(name) or 0) if rows is None else _by_root(rows, made.get(parent))
            )
        return each

    def _bounded(self, name: str, made: dict[str, Block], most: float) -> None:
        """Raises TooMany if a table with children has too many rows."""
        rows = int(self._leaf(name, made).sum())
        if rows > most:
            raise RowLimitReached(name, rows, self._root)

    def _leaf(self, name: str, made: dict[str, Block]) -> Ints:
        """The rows of a table that is not made below each row of its parent, which is."""
        fixed = self._fixed_count(name)
        parent = made[self._table_programs[name].parent or ""]
        with errors_at(name, None):
            counts: Ints = (
                self._table_programs[name].source.counts(parent) if fixed is None else np.full(len(parent), fixed)
            )
        return counts

    def _arithmetic(self, roots: int) -> Counts:
        counts = {self._root: roots}
        for name in self._tables[1:]:
            counts[name] = counts[self._table_programs[name].parent or ""] * (self._fixed_count(name) or 0)
        return counts


def _stays(made: Mapping[str, Block], roots: int) -> Ints:
    """The stays of all simulated processes by root row, int64 (roots,)."""
    found = np.zeros(roots, np.int64)
    for block in made.values():
        for one in block.memo.values():
            if isinstance(one, Trajectory):
                found += _by_root(one.counts, block)
    return found


def _constant(cells: Column, cell: Any) -> Column:
    """A column of the same type whose cells are all `cell`; the same column if it is no value of a category."""
    if cells.dictionary is not None:
        words = cells.dictionary.to_pylist()
        if cell not in words:
            return cells
        return Column(cells.type, np.full(len(cells), words.index(cell), cells.data.dtype), None, cells.dictionary)
    if cells.type.textual:
        return Column(cells.type, text_array([cell] * len(cells)))
    return Column(cells.type, np.full(len(cells), cell, cells.data.dtype))


def _by_root(rows: Ints, parent: Block | None) -> Ints:
    """Numbers by row of a block, shape (n,), added up by root row above it."""
    while parent is not None and parent.parent_row is not None and parent.parent is not None:
        rows = np.bincount(parent.parent_row, rows, len(parent.parent)).astype(np.int64)
        parent = parent.parent
    return rows


def count_to(program: CompiledDocument, table: str) -> Counts:
    """Counts the rows of a table and of its ancestors. Other steps of the family may depend on them."""
    *above, root = program.model.tables[table].lineage
    total = program.table_programs[root].source.total
    counter = RowCounter(program, root, (root, *reversed(above)))
    return counter.count(0, total, block_size(counter, total)).rows


def block_size(counter: RowCounter, total: int) -> int:
    """Root rows per block, so that a block has about 200,000 rows."""
    if not total:
        return 1
    few = spread_out(total, 8)
    rows = sum(counter.sample(few).values())
    return int(min(max(200_000 * len(few) // max(rows, 1), 1), 65_536))


def spread_out(total: int, count: int) -> Ints:
    """Up to `count` row numbers spread over a table of `total` rows, the first and the last included, ascending."""
    rows = np.linspace(0, total - 1, min(count, total)).astype(np.int64)
    return rows[np.diff(rows, prepend=-1) > 0]
