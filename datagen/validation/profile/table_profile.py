"""The profile of a table: its columns, a sample of its rows, and its rows and amounts over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from datagen.columnar.block import TEXT, Block, Column, Floats, Ints
from datagen.columnar.cell_hashes import cell_hashes
from datagen.columnar.nested import json_cells
from datagen.engine.program import Program
from datagen.errors import Absent
from datagen.random.streams import mix
from datagen.scope import Window
from datagen.time_units import DAY, HOUR
from datagen.validation.metrics.base import Finding, Group, Metric, Slice
from datagen.validation.profile.column_profile import ColumnProfile, profile_of
from datagen.validation.profile.row_sample import RowSample, smallest, spelled_out

MOST_COLUMNS = 200
"""Further columns are not profiled."""
MOST_BINS = 400
MOST_AMOUNTS = 4
MOST_RELATED = 20
_STEPS = {"hour": HOUR, "day": DAY, "week": 7 * DAY, "28 days": 28 * DAY, "year": 365 * DAY}


@dataclass(frozen=True, slots=True)
class TimeBins:
    """Equal time steps over the window, from `start`; the last one may be shorter."""

    column: str
    start: int
    step: int
    bins: int
    unit: str

    @classmethod
    def of(cls, column: str, window: Window) -> TimeBins:
        """The finest step for which the number of bins can be drawn."""
        length = max(window.end - window.start, 1)
        unit, step = next(((u, s) for u, s in _STEPS.items() if length <= s * MOST_BINS), ("year", 365 * DAY))
        return cls(column, window.start, step, min(-(-length // step), 20_000), unit)

    def places(self, moments: Ints) -> tuple[Ints, Ints]:
        """The rows in a bin, and their bins."""
        at = (moments - self.start) // self.step
        rows = np.flatnonzero((at >= 0) & (at < self.bins))
        return rows, at[rows]


def _flat(column: Column) -> Column:
    """Nested cells as JSON text."""
    return Column(TEXT, json_cells(column.data).fill_null(""), column.valid) if column.type.nested else column


@dataclass(frozen=True, slots=True, eq=False)
class TableState:
    """The state of a table profile. `volume` are rows per bin, int64 (bins,); `amounts` sums per bin
    of some columns.
    """

    rows: int
    columns: Mapping[str, ColumnProfile]
    sample: RowSample
    volume: Ints | None
    amounts: Mapping[str, Floats]


@dataclass(frozen=True, eq=False)
class TableProfile:
    """Observes the profile of a table for the report, without judging it.

    `shown` are its visible columns, `amounts` those that are added up over `time`, `related` those that are compared
    with each other (no keys).
    """

    table: str
    shown: tuple[str, ...]
    key: str | None
    time: TimeBins | None
    amounts: tuple[str, ...]
    related: tuple[str, ...]
    name: ClassVar[str] = "Profile"
    group: Group = "distribution"

    def observe(self, part: Slice) -> TableState | None:
        try:
            block = part.block(self.table)
        except Absent:
            return None
        if block is None or not len(block):
            return None
        columns = dict(self._columns(block))
        hashes = mix(self._identities(block, columns) + np.uint64(1))
        chosen = smallest(hashes)
        cells = {name: spelled_out(column.take(chosen)) for name, column in columns.items()}
        profiles = {name: profile_of(column) for name, column in columns.items()}
        volume, amounts = self._over_time(columns)
        return TableState(len(block), profiles, RowSample(hashes[chosen], cells), volume, amounts)

    def merge(self, one: TableState, other: TableState) -> TableState:
        profiles = {n: p.merge(other.columns[n]) for n, p in one.columns.items() if n in other.columns}
        volume = None if one.volume is None or other.volume is None else one.volume + other.volume
        amounts = {n: sums + other.amounts[n] for n, sums in one.amounts.items() if n in other.amounts}
        return TableState(one.rows + other.rows, profiles, one.sample.merge(other.sample), volume, amounts)

    def findings(self, state: TableState | None) -> list[Finding]:
        return []

    def _columns(self, block: Block) -> list[tuple[str, Column]]:
        """The columns that the files have."""
        found = []
        for name in self.shown:
            try:
                found.append((name, _flat(block.columns[name])))
            except (Absent, KeyError):
                continue
        return found

    def _identities(self, block: Block, columns: Mapping[str, Column]) -> Any:
        """Identities of the key if there is one, else of the row's position."""
        if self.key is not None and self.key in columns:
            return cell_hashes(columns[self.key])
        return mix(block.index.astype(np.int64).view(np.uint64))

    def _over_time(self, columns: Mapping[str, Column]) -> tuple[Ints | None, dict[str, Floats]]:
        if self.time is None or self.time.column not in columns:
            return None, {}
        moments, bins = columns[self.time.column], self.time.bins
        rows, at = self.time.places(moments.data)
        if moments.valid is not None:
            there = moments.valid[rows]
            rows, at = rows[there], at[there]
        volume = np.bincount(at, minlength=bins).astype(np.int64)
        known = {name: _numbers(columns[name])[rows] for name in self.amounts if name in columns}
        sums = {name: np.bincount(at, weights=cells, minlength=bins) for name, cells in known.items()}
        return volume, {name: each.astype(np.float64) for name, each in sums.items()}


def _numbers(column: Column) -> Floats:
    """Cells in major units, 0 if missing."""
    found = column.as_floats()
    there = np.isfinite(found) if column.valid is None else np.isfinite(found) & column.valid
    return np.where(there, found, 0.0)


def table_profile(program: Program, table: str) -> Metric:
    """The profile of a table's visible columns."""
    model, facts = program.model, program.model.tables[table]
    shown = tuple(name for name in facts.declared if not facts.columns[name].hidden)[:MOST_COLUMNS]
    window, moment = model.document.window, facts.moment
    time = TimeBins.of(moment, window) if window is not None and moment in shown and moment is not None else None
    amounts = [name for name in shown if _amount(program, table, name)] if time else []
    related = [name for name in shown if not _keyed(program, table, name)]
    key = facts.key if facts.key in shown else None
    return TableProfile(table, shown, key, time, tuple(amounts[:MOST_AMOUNTS]), tuple(related[:MOST_RELATED]))


def _keyed(program: Program, table: str, column: str) -> bool:
    """Whether cells are keys of rows, of this table or of another."""
    generator = program.model.tables[table].columns[column]
    refers = generator.refers_to(program.model.column(table, column)) is not None
    return refers or column in program.model.tables[table].primary_key or generator.role == "key"


def _amount(program: Program, table: str, column: str) -> bool:
    """Whether cells are quantities that can be added up or averaged, not keys, counts or codes."""
    type_ = program.model.type_of(table, column)
    return type_ is not None and (type_.name == "float" or (type_.name == "decimal" and type_.scale > 0))
