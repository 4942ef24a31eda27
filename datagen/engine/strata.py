"""The heaviest rows that a sample misses: those of a rare group whose multipliers give them many rows.

Each group is held fixed in a small sample, so its rows are counted by the code that makes them. What acts on all rows
alike, but by chance (a frailty, a dispersion), is taken at its expected largest value among the rows of the group.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

import numpy as np

from datagen.byte_sizes import format_size
from datagen.columnar.block import Bools, Column, Rows
from datagen.declarations.values import SharesDeclaration
from datagen.engine.execute import fill, release, root_block
from datagen.engine.memory_budget import AT_ONCE, BASE_MEMORY
from datagen.engine.program import Program
from datagen.engine.row_counts import Counts, RowCounter, TooMany, spread_out
from datagen.engine.table_plans import cell_bytes
from datagen.errors import PlanError
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

_Group = tuple[Step, str, float, float]
"""A column, a value of it, the share of rows that have it, and its largest multiplier."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rows of `table` with these cells, in that table and its root; a `share` of all, below which rates are multiplied
    by `factor` in the largest case.
    """

    table: str
    cells: Mapping[Step, str]
    share: float
    factor: float

    @property
    def description(self) -> str:
        """The condition in words."""
        return " and ".join(
            f"'{step.column if step.table == self.table else step}' is '{cell[:40]}'"
            for step, cell in self.cells.items()
        )


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
    for stratum in sorted(_strata(program, root), key=lambda one: -one.factor)[:_MOST_GROUPS]:
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


def _strata(program: Program, root: str) -> Iterator[Stratum]:
    """The groups of columns with multipliers above 1 for rows below: alone, together, and with those of the root."""
    choices: dict[str, list[list[_Group]]] = {}
    for step, factors in _multipliers(program, root).items():
        shares = _shares(program, step)
        most = sorted((label for label in factors if label in shares), key=lambda label: -factors[label])
        groups = [(step, label, shares[label], factors[label]) for label in most[:_MOST_VALUES]]
        choices.setdefault(step.table, []).append(groups)
    for table, own in choices.items():
        above = choices.get(root, [])[:_MOST_VALUES] if table != root else []
        for chosen in product(*([None, *one] for one in [*own[:_MOST_VALUES], *above])):
            some = [one for one in chosen if one is not None]
            if any(one[0].table == table for one in some):
                share, factor = math.prod(one[2] for one in some), math.prod(one[3] for one in some)
                yield Stratum(table, {step: label for step, label, _, _ in some}, share, factor)


def _multipliers(program: Program, root: str) -> dict[Step, dict[str, float]]:
    """The largest multiplier of the rate of any table by value of a column of a table above it."""
    found: dict[Step, dict[str, float]] = {}
    tables = program.families[root]
    for known in (known for table in tables if table != root for known in program.effects.planted(table).known):
        owner, through = known.owner
        if isinstance(known.factor, Grouped) and through is None and owner in tables:
            own = found.setdefault(Step(owner, known.factor.name), {})
            for label, factor in zip(known.factor.labels, known.factor.planted.tolist(), strict=True):
                own[label] = max(own.get(label, 1.0), factor)
    return found


def _shares(program: Program, step: Step) -> dict[str, float]:
    """The share of each value of a column, if it is drawn by shares."""
    table, column = step.table, step.column or ""
    generator = program.model.tables[table].columns.get(column)
    for declared in generator.declarations(program.column_scope(table, column)) if generator is not None else ():
        if isinstance(declared, SharesDeclaration) and len(declared.planted) == 1:
            return dict(zip(declared.labels, declared.planted[0].tolist(), strict=True))
    return {}


def _laws(program: Program, root: str) -> list[InverseCdfTable]:
    """The laws of hidden multipliers of the rates of the family."""
    tables = (name for name in program.families[root] if name != root)
    return [law for name in tables for law in program.effects.planted(name).laws()]


def _largest(program: Program, root: str, stratum: Stratum, usual: Mapping[str, float], rows: Counts) -> HeaviestRow:
    """The rows below the heaviest row of a stratum by those `usual` in it: counted for a root."""
    table, members = stratum.table, max(stratum.share * rows[stratum.table], 1.0)
    word = np.array([min(int((1.0 - 1.0 / (members + 1.0)) * 2.0**64), 2**64 - 1)], np.uint64)
    by_chance = max((float(law.at(word)[0]) for law in _laws(program, root)), default=1.0)
    if table == root:
        usual = _counted(program, root, stratum)
    return _of(program, stratum, {name: number * by_chance for name, number in usual.items()} | {table: 1.0})


def _counted(program: Program, root: str, stratum: Stratum) -> Counts:
    held = {step: _cell(program, step, cell) for step, cell in stratum.cells.items()}
    try:
        return RowCounter(program, root).sample(
            spread_out(int(program.table_programs[root].source.total), 1), _MOST, held
        )
    except TooMany as error:
        return {error.table: error.rows}


def _cell(program: Program, step: Step, cell: str) -> str | int | bool:
    type_ = program.model.type_of(step.table, step.column or "")
    found = cell if type_ is None or type_.textual else parse_cell(cell, type_)
    return found if isinstance(found, str | bool) else int(found)


def _exists(program: Program, root: str, stratum: Stratum, rows: Counts) -> bool:
    """Whether a row is in the stratum: looked up where it is doubtful and the table is a root and not too large."""
    total, expected = int(program.table_programs[root].source.total), stratum.share * rows[stratum.table]
    if stratum.table != root or expected >= _SURE or total > _LOOKED_UP:
        return expected >= _LIKELY
    steps = program.steps_for(root, set(stratum.cells))
    cells = {step.column or "": _cell(program, step, cell) for step, cell in stratum.cells.items()}
    for start in range(0, total, _CHUNK):
        block = root_block(program.table_programs[root], start, np.arange(start, min(start + _CHUNK, total)))
        fill({root: block}, program.table_programs, steps, {})
        found = np.logical_and.reduce([_equal(Rows(block).column(name), cell) for name, cell in cells.items()])
        release([block])
        if found.any():
            return True
    return False


def _equal(cells: Column, cell: str | int | bool) -> Bools:
    """Which cells are this one, bool (n,)."""
    if cells.words is not None:
        words = cells.words.to_pylist()
        same: Bools = cells.data == (words.index(cell) if cell in words else -1)
    elif cells.type.textual:
        same = np.array([one == cell for one in cells.data.to_pylist()], np.bool_)
    else:
        same = cells.data == cell
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
