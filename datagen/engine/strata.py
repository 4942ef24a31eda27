"""The heaviest rows that a sample misses: those of a rare group whose multipliers give them many rows.

Each group is held fixed in a small sample, so its rows are counted by the code that makes them. What acts on all rows
alike, but by chance (a frailty, a dispersion), is taken at its expected largest value among the rows of the group.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product

import numpy as np

from datagen.analysis.join_path import path_to
from datagen.byte_sizes import format_size
from datagen.columnar.block import Block, Bools, Column, Rows
from datagen.declarations.values import SharesDeclaration
from datagen.engine.execute import release
from datagen.engine.memory_budget import AT_ONCE, BASE_MEMORY
from datagen.engine.program import Program
from datagen.engine.recompute import MOST_KEPT
from datagen.engine.row_counts import Counts, RowCounter, RowLimitReached, spread_out
from datagen.engine.table_plans import cell_bytes
from datagen.errors import PlanError
from datagen.kinds.generators.support.column_lookup import key_start
from datagen.kinds.generators.support.literals import parse_cell
from datagen.planning.steps import Step
from datagen.point_process.factors import Grouped
from datagen.random.inverse_cdf import InverseCdfTable

_MOST_VALUES, _MOST_GROUPS = 3, 12
"""The most values of a column, and groups of a table, that are examined: those with the largest multipliers."""
_LIKELY = 0.05
"""The expected number of rows from which a group is assumed to exist without looking up its rows."""
_LOOKED_UP, _SURE = 20_000_000, 20.0
"""Rows of a table of which a rare group is looked up, and the expected number of rows that make that needless."""
_CHUNK, _MOST = 1 << 18, 2_000_000
_CLEAR = 1.5
_FAR = 100.0
"""How many times the room a row takes at least that is not counted."""
_UNEVEN = 64.0
"""The factor by which the rows of one parent may exceed the mean by chance, in tables that are not examined."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows with a value of a column, a `share` of all, and the largest multiplier of rates below them.

    The value is one of `cells`: the value itself, or the keys of the rows that a reference must point to, whose column
    `of` is `label`.
    """

    step: Step
    label: str
    cells: tuple[str | int | bool, ...]
    share: float
    factor: float
    of: Step | None = None

    def described(self, table: str) -> str:
        """The condition in words, among the rows of a table."""
        own = f"'{self.step.column if self.step.table == table else self.step}'"
        value = f"is '{self.label[:40]}'"
        return f"{own} {value}" if self.of is None else f"'{self.of.column}' of the row that {own} refers to {value}"


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rows of `table` in some groups of that table and its root; a `share` of all, below which rates are multiplied by
    `factor` in the largest case.
    """

    table: str
    groups: tuple[Group, ...]

    @property
    def share(self) -> float:
        return math.prod(one.share for one in self.groups)

    @property
    def factor(self) -> float:
        return math.prod(one.factor for one in self.groups)

    @property
    def description(self) -> str:
        """The condition in words."""
        return " and ".join(one.described(self.table) for one in self.groups)


@dataclass(frozen=True, slots=True)
class HeaviestRow:
    """The rows of each table below one row of a stratum, and the bytes that they take."""

    stratum: Stratum
    rows: Mapping[str, float]
    bytes: float

    def clear(self, memory: int) -> bool:
        """Whether it is far beyond the memory, so that exact counts are not needed."""
        return AT_ONCE * self.bytes > _CLEAR * (memory - BASE_MEMORY)


def too_heavy(program: Program, rows: Counts, memory: int) -> HeaviestRow | None:
    """A rare group with a row whose descendants do not fit into the `memory` of a task; None if there is none.

    `rows` are the estimated rows of each table.
    """
    return next((found for root in program.families if (found := _in_family(program, root, rows, memory))), None)


def _in_family(program: Program, root: str, rows: Counts, memory: int) -> HeaviestRow | None:
    room = (memory - BASE_MEMORY) / AT_ONCE
    for stratum in sorted(_strata(program, root, rows), key=lambda one: -one.factor)[:_MOST_GROUPS]:
        number = rows[stratum.table]
        usual = {name: rows[name] / max(number, 1) for name in _below(program, root, stratum.table)}
        heavy = _of(program, stratum, {name: each * stratum.factor for name, each in usual.items()})
        if stratum.share * number < _LIKELY / 10.0 or heavy.bytes * _UNEVEN < room:
            continue
        if heavy.bytes < _FAR * room:  # not too many to be counted
            heavy = _largest(program, root, stratum, heavy.rows, rows)
        if heavy.bytes > room and _exists(program, root, stratum, rows):
            return heavy
    return None


def _of(program: Program, stratum: Stratum, rows: Mapping[str, float]) -> HeaviestRow:
    return HeaviestRow(stratum, rows, sum(cell_bytes(program.model, name) * number for name, number in rows.items()))


def _below(program: Program, root: str, table: str) -> tuple[str, ...]:
    """A table and all below it."""
    found = [table]
    for name in program.families[root]:
        if program.table_programs[name].parent in found:
            found.append(name)
    return tuple(found)


def _strata(program: Program, root: str, rows: Counts) -> Iterator[Stratum]:
    """The groups of columns with multipliers above 1 for rows below: alone, together, and with those of the root."""
    choices: dict[str, list[list[Group]]] = {}
    for step, groups in _groups(program, root, rows).items():
        most = sorted(groups, key=lambda one: -one.factor)[:_MOST_VALUES]
        choices.setdefault(step.table, []).append(most)
    for table, own in choices.items():
        above = choices.get(root, [])[:_MOST_VALUES] if table != root else []
        for chosen in product(*([None, *one] for one in [*own[:_MOST_VALUES], *above])):
            some = tuple(one for one in chosen if one is not None)
            if any(one.step.table == table for one in some):
                yield Stratum(table, some)


def _groups(program: Program, root: str, rows: Counts) -> dict[Step, list[Group]]:
    """The groups with multipliers above 1 of the rate of any table, by column of a table above it: the column of the
    multipliers, or the reference to its row.
    """
    found: dict[Step, dict[str, Group]] = {}
    tables = program.families[root]
    for table in tables[1:]:
        for known in program.effects.planted(table).known:
            if not isinstance(known.factor, Grouped):
                continue
            owner, through = known.owner
            groups: Iterable[Group] = ()
            if through is not None:
                groups = _referred(program, table, owner, known.factor, rows)
            elif owner in tables:
                groups = _own(program, Step(owner, known.factor.name), known.factor)
            for one in groups:
                of = found.setdefault(one.step, {})
                if one.factor > 1.0 and (one.label not in of or one.factor > of[one.label].factor):
                    of[one.label] = one
    return {step: list(groups.values()) for step, groups in found.items()}


def _own(program: Program, step: Step, factor: Grouped) -> Iterator[Group]:
    """The groups by a column of a table of the family, if it is drawn by shares."""
    shares = _shares(program, step)
    for label, times in zip(factor.labels, factor.planted.tolist(), strict=True):
        if label in shares:
            yield Group(step, label, (_cell(program, step, label),), shares[label], times)


def _referred(program: Program, table: str, owner: str, factor: Grouped, rows: Counts) -> Iterator[Group]:
    """The groups of rows above `table` by a column of the row of `owner` that they refer to, unless it is too large to
    look at each of its rows; shares are those among the rows of `owner`.
    """
    tables = program.model.tables
    path = path_to(tables, tables[table].parent or "", owner)
    if path is None or path.through is None or not 0 < rows.get(owner, program.sizes.get(owner, 0)) <= MOST_KEPT:
        return
    codes = program.effects.codes(owner, factor)
    start = key_start(program.model.rows(owner), owner)
    step, of = Step(path.table, path.through), Step(owner, factor.name)
    for code, (label, times) in enumerate(zip(factor.labels, factor.planted.tolist(), strict=True)):
        keys = np.flatnonzero(codes == code) + start
        if times > 1.0 and len(keys):
            yield Group(step, label, tuple(keys.tolist()), len(keys) / len(codes), times, of)


def _shares(program: Program, step: Step) -> dict[str, float]:
    """The share of each value of a column, if it is drawn by shares."""
    table, column = step.table, step.column or ""
    generator = program.model.tables[table].columns.get(column)
    for declared in generator.declarations(program.column_scope(table, column)) if generator is not None else ():
        if isinstance(declared, SharesDeclaration) and len(declared.planted) == 1:
            return dict(zip(declared.labels, declared.planted[0].tolist(), strict=True))
    return {}


def _distributions(program: Program, root: str) -> list[InverseCdfTable]:
    """The distributions of hidden multipliers of the rates of the family."""
    tables = (name for name in program.families[root] if name != root)
    return [distribution for name in tables for distribution in program.effects.planted(name).distributions()]


def _largest(program: Program, root: str, stratum: Stratum, usual: Mapping[str, float], rows: Counts) -> HeaviestRow:
    """The rows below the heaviest row of a stratum by those `usual` in it: counted for a root."""
    table, members = stratum.table, max(stratum.share * rows[stratum.table], 1.0)
    word = np.array([min(int((1.0 - 1.0 / (members + 1.0)) * 2.0**64), 2**64 - 1)], np.uint64)
    by_chance = max((float(distribution.at(word)[0]) for distribution in _distributions(program, root)), default=1.0)
    if table == root:
        usual = _counted(program, root, stratum)
    return _of(program, stratum, {name: number * by_chance for name, number in usual.items()} | {table: 1.0})


def _counted(program: Program, root: str, stratum: Stratum) -> Counts:
    held = {one.step: one.cells[0] for one in stratum.groups}
    try:
        return RowCounter(program, root).sample(
            spread_out(int(program.table_programs[root].source.total), 1), _MOST, held
        )
    except RowLimitReached as error:
        return {error.table: error.rows}


def _cell(program: Program, step: Step, cell: str) -> str | int | bool:
    type_ = program.model.type_of(step.table, step.column or "")
    found = cell if type_ is None or type_.textual else parse_cell(cell, type_)
    return found if isinstance(found, str | bool) else int(found)


def _exists(program: Program, root: str, stratum: Stratum, rows: Counts) -> bool:
    """Whether a row is in the stratum: looked up where it is doubtful, and where distributions of choice decide who
    refers to a row; of a large table, in a part of it.
    """
    total, expected = int(program.table_programs[root].source.total), stratum.share * rows[stratum.table]
    drawn = all(one.of is None for one in stratum.groups)
    if drawn and (stratum.table != root or expected >= _SURE or total > _LOOKED_UP):
        return expected >= _LIKELY
    try:
        return any(map(partial(_holds, stratum), _blocks(program, root, stratum, rows)))
    except RowLimitReached:
        return False


def _blocks(program: Program, root: str, stratum: Stratum, rows: Counts) -> Iterator[Block]:
    """The rows of the table of a stratum, with the columns of its groups; of a large table the first ones."""
    total, most = int(program.table_programs[root].source.total), _LOOKED_UP
    each = rows[stratum.table] / max(total, 1)
    if stratum.table != root:
        most = int(_MOST / each)
    size, columns = max(int(_CHUNK / each), 1), {one.step for one in stratum.groups}
    for start in range(0, min(total, most), size):
        block = RowCounter(program, root).block(stratum.table, columns, np.arange(start, min(start + size, total)))
        yield block
        release([block])


def _holds(stratum: Stratum, block: Block) -> bool:
    """Whether some row of a block is in the stratum."""
    rows = Rows(block)
    found = [_among(rows.above(one.step.table).column(one.step.column or ""), one.cells) for one in stratum.groups]
    return bool(np.logical_and.reduce(found).any())


def _among(cells: Column, values: tuple[str | int | bool, ...]) -> Bools:
    """Which cells are one of these values, bool (n,)."""
    if cells.dictionary is not None:
        words = cells.dictionary.to_pylist()
        same: Bools = np.isin(cells.data, [i for i, word in enumerate(words) if word in values])
    elif cells.type.textual:
        same = np.array([one in values for one in cells.data.to_pylist()], np.bool_)
    else:
        same = np.isin(cells.data, values)
    return same if cells.valid is None else same & cells.valid


def refused(heavy: HeaviestRow, memory: int) -> PlanError:
    """The error about it."""
    table = heavy.stratum.table
    most = max((name for name in heavy.rows if name != table), key=lambda name: heavy.rows[name])
    error = PlanError(
        f"a row of '{table}' where {heavy.stratum.description} has up to {heavy.rows[most]:,.3g} rows of '{most}' "
        f"below it, which are made together and take about {format_size(round(AT_ONCE * heavy.bytes))} of memory; a "
        f"task has {format_size(memory)}: lower the multiplier or the number per parent, or run it with --memory"
    )
    error.step = (most, None)
    return error
