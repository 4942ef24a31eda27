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
_CHUNK, _SOME, _MOST = 1 << 18, 1, 2_000_000
_CLEAR = 1.5
_FAR = 100.0
"""How many times the room a row takes at least that is not counted."""
_UNEVEN = 64.0
"""The factor by which the rows of one parent may exceed the mean by chance, in tables that are not examined."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """Root rows with these cells, a `share` of all, whose rates are multiplied by `factor` in the largest case."""

    cells: Mapping[str, str]
    share: float
    factor: float

    @property
    def description(self) -> str:
        """The condition in words."""
        return " and ".join(f"'{column}' is '{cell[:40]}'" for column, cell in self.cells.items())


@dataclass(frozen=True, slots=True)
class Heavy:
    """The rows of each table below one row of a stratum of `root`, and the bytes that they take."""

    root: str
    stratum: Stratum
    rows: Mapping[str, float]
    bytes: float

    def clear(self, memory: int) -> bool:
        """Whether it is far beyond the memory, so that exact counts are not needed."""
        return AT_ONCE * self.bytes > _CLEAR * (memory - BASE_MEMORY)


def too_heavy(program: Program, rows: Counts, memory: int) -> Heavy | None:
    """A rare group with a row whose descendants do not fit into the `memory` of a task; None if there is none.

    `rows` are the estimated rows of each table.
    """
    return next((found for root in program.families if (found := _in_family(program, root, rows, memory))), None)


def _in_family(program: Program, root: str, rows: Counts, memory: int) -> Heavy | None:
    total, room = int(program.table_programs[root].source.total), (memory - BASE_MEMORY) / AT_ONCE
    strata = sorted(_strata(program, root), key=lambda one: -one.factor)[:_MOST_GROUPS] if total else []
    each = sum(cell_bytes(program.model, name) * rows[name] for name in program.families[root]) / max(total, 1)
    if not strata or each * strata[0].factor * _UNEVEN < room:
        return None
    counter, laws = RowCounter(program, root), _laws(program, root)
    for stratum in strata:
        if stratum.share * total < _LIKELY / 10.0 or each * stratum.factor * _UNEVEN < room:
            continue
        if each * stratum.factor > _FAR * room:  # too many to be counted
            few = {name: rows[name] / total * stratum.factor for name in program.families[root]}
            heavy = Heavy(root, stratum, few, each * stratum.factor)
        else:
            heavy = _heavy(program, counter, stratum, laws)
        if heavy.bytes > room and _exists(program, root, stratum, total):
            return heavy
    return None


def _strata(program: Program, root: str) -> Iterator[Stratum]:
    """The groups of the root's columns with multipliers above 1, alone and together."""
    values: dict[str, dict[str, float]] = {}
    for table in program.families[root]:
        for known in program.effects.planted(table).known if table != root else ():
            if isinstance(known.factor, Grouped) and known.owner == (root, None):
                own = values.setdefault(known.factor.name, {})
                for label, factor in zip(known.factor.labels, known.factor.planted.tolist(), strict=True):
                    own[label] = max(own.get(label, 1.0), factor)
    choices = []
    for column, factors in values.items():
        shares = _shares(program, root, column)
        most = sorted((label for label in factors if label in shares), key=lambda label: -factors[label])
        choices.append([(column, label, shares[label], factors[label]) for label in most[:_MOST_VALUES]])
    for chosen in product(*([None, *one] for one in choices[:_MOST_VALUES])):
        some = [one for one in chosen if one is not None]
        if some:
            share, factor = math.prod(one[2] for one in some), math.prod(one[3] for one in some)
            yield Stratum({column: label for column, label, _, _ in some}, share, factor)


def _shares(program: Program, root: str, column: str) -> dict[str, float]:
    """The share of each value of a column that is drawn by shares; nothing of others."""
    generator = program.model.tables[root].columns.get(column)
    for declared in generator.declarations(program.column_scope(root, column)) if generator is not None else ():
        if isinstance(declared, SharesDeclaration) and len(declared.planted) == 1:
            return dict(zip(declared.labels, declared.planted[0].tolist(), strict=True))
    return {}


def _laws(program: Program, root: str) -> list[InverseCdfTable]:
    """The laws of hidden multipliers of the rates of the family."""
    tables = (name for name in program.families[root] if name != root)
    return [law for name in tables for law in program.effects.planted(name).laws()]


def _heavy(program: Program, counter: RowCounter, stratum: Stratum, laws: list[InverseCdfTable]) -> Heavy:
    """The rows below the heaviest row of a stratum."""
    root = counter.root
    total = int(program.table_programs[root].source.total)
    held = {Step(root, column): _cell(program, root, column, cell) for column, cell in stratum.cells.items()}
    ids = spread_out(total, _SOME)
    try:
        counts: Mapping[str, float] = counter.sample(ids, _MOST, held)
    except TooMany as error:
        counts = {root: len(ids), error.table: error.rows}
    members = max(stratum.share * total, 1.0)
    word = np.array([min(int((1.0 - 1.0 / (members + 1.0)) * 2.0**64), 2**64 - 1)], np.uint64)
    by_chance = max((float(law.at(word)[0]) for law in laws), default=1.0)
    rows = {name: number / len(ids) * (by_chance if name != root else 1.0) for name, number in counts.items()}
    return Heavy(root, stratum, rows, sum(cell_bytes(program.model, name) * number for name, number in rows.items()))


def _cell(program: Program, root: str, column: str, cell: str) -> str | int | bool:
    type_ = program.model.type_of(root, column)
    found = cell if type_ is None or type_.textual else parse_cell(cell, type_)
    return found if isinstance(found, str | bool) else int(found)


def _exists(program: Program, root: str, stratum: Stratum, total: int) -> bool:
    """Whether a row is in the stratum: looked up where it is doubtful and the table is not too large."""
    expected = stratum.share * total
    if expected >= _SURE or total > _LOOKED_UP:
        return expected >= _LIKELY
    steps = program.steps_for(root, {Step(root, column) for column in stratum.cells})
    labels = {column: _cell(program, root, column, cell) for column, cell in stratum.cells.items()}
    for start in range(0, total, _CHUNK):
        block = root_block(program.table_programs[root], start, np.arange(start, min(start + _CHUNK, total)))
        fill({root: block}, program.table_programs, steps, {})
        found = np.logical_and.reduce([_equal(Rows(block).column(name), cell) for name, cell in labels.items()])
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


def refused(heavy: Heavy, memory: int) -> PlanError:
    """The error about it."""
    root = heavy.root
    most = max((name for name in heavy.rows if name != root), key=lambda name: heavy.rows[name])
    error = PlanError(
        f"a row of '{root}' where {heavy.stratum.description} has up to {heavy.rows[most]:,.3g} rows of '{most}' "
        f"below it, which are made together and take about {format_size(round(AT_ONCE * heavy.bytes))} of memory; a "
        f"task has {format_size(memory)}: lower the multiplier or the number per parent, or run it with --memory"
    )
    error.step = (most, None)
    return error
