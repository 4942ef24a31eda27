"""Puts a document together: tables in order, rows, keys, times, columns and what shapes the rows over time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.interop.infer.columns import Privacy, generator_of
from datagen.interop.infer.dependence import by_category, delays, null_shares
from datagen.interop.infer.derived import copies, totals
from datagen.interop.infer.distributions import Json, rounded
from datagen.interop.infer.relations import count_law, fan_out, parent_of, popularity, times_of
from datagen.interop.infer.source_table import SourceKey, SourceTable
from datagen.interop.infer.time_profile import dispersion, exposures, growth_per_year, seasonality, trend_mean
from datagen.time_units import DAY, format_instant

_BIRTH = re.compile(r"birth|dob|born", re.IGNORECASE)
_FEWEST_ARRIVALS = 200
_LATE_CHILDREN = 0.99
"""Share of children that must come after their parent for their times to be events of its life."""
_SOON = 0.02
"""Part of the window within which children that follow their parent at once come."""
DDL_ROWS = 1000


@dataclass
class Builder:
    """The state of one inference. `window` is in microseconds since 1970; None where nothing has a time."""

    tables: dict[str, SourceTable]
    privacy: Privacy
    notes: list[str] = field(default_factory=list)
    parents: dict[str, SourceKey] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    window: tuple[int, int] | None = None

    def build(self, name: str) -> Json:
        """The document. Its problems, if it has some, are up to the caller."""
        for table in self.tables.values():
            time = _time_column(table)
            if time is not None:
                self.times[table.name] = time
        for table in self.tables.values():
            parent = parent_of(table, self.tables, self.times)
            if parent is not None:
                self.parents[table.name] = parent
        self.window = self._window()
        made: Json = {"datagen": 1, "name": name}
        if self.window is not None:
            made["window"] = {"start": format_instant(self.window[0]), "end": format_instant(self.window[1])}
        made["tables"] = {table.name: self._table(table) for table in _in_order(self.tables, self.parents)}
        return made

    def _window(self) -> tuple[int, int] | None:
        """Whole days around the times of tables below others, else of all tables."""
        children = [name for name in self.times if name in self.parents] or list(self.times)
        spans = [self._times(name) for name in children]
        if not spans:
            return None
        last = max(int(self._times(name).max()) for name in self.times)
        first = min(int(span.min()) for span in spans)
        return first // DAY * DAY, (last // DAY + 1) * DAY

    def _times(self, table: str) -> NDArray[np.int64]:
        return times_of(self.tables[table].columns[self.times[table]].cells)

    def _table(self, table: SourceTable) -> Json:
        parent = self.parents.get(table.name)
        rows, behaviors, time = self._rows(table, parent)
        made: Json = {"parent": parent.table} if parent is not None else {}
        made |= {"rows": rows, "columns": self._columns(table, parent, time)}
        if behaviors:
            made["behaviors"] = behaviors
        if table.primary_key and not self._has_key(table):
            made["primary_key"] = list(table.primary_key)
        return made

    def _has_key(self, table: SourceTable) -> bool:
        only = table.primary_key[0] if len(table.primary_key) == 1 else None
        return only is not None and _is_number(table, only) and only not in {key.column for key in table.foreign_keys}

    def _rows(self, table: SourceTable, parent: SourceKey | None) -> tuple[int | Json, list[Json], Json | None]:
        """Where rows come from, what shapes them over time, and the generator of their time, where rows have one."""
        if parent is None:
            return self._roots(table)
        other = self.tables[parent.table]
        if table.columns[parent.column].cells is None:
            return {"type": "per_parent", "count": {"type": "poisson", "mean": 3}}, [], None
        counts = fan_out(parent, table, other)
        if table.name in self.times and self.window is not None:
            lag = self._lag(table, parent)
            if lag is None:
                return self._events(table, counts, np.full(len(counts), self.window[0]))
            births = self._births(parent.table)
            if lag is True and births is not None:
                return self._events(table, counts, births)
        return {"type": "per_parent", "count": count_law(counts)}, [], None

    def _roots(self, table: SourceTable) -> tuple[int | Json, list[Json], Json | None]:
        count = table.rows if table.rows is not None else DDL_ROWS
        if table.name not in self.times or self.window is None or count < _FEWEST_ARRIVALS:
            return count, [], None
        times = self._times(table.name)
        rows: Json = {"type": "arrivals", "count": count}
        before = float((times < self.window[0]).mean())
        if before > 0:
            rows["before_window"] = rounded(before, 3)
            rows["history"] = f"{(self.window[0] - int(times.min())) // DAY + 1}d"
        growth = growth_per_year(times[times >= self.window[0]], self.window)
        if growth is not None and growth > -1:
            rows["curve"] = {"type": "exponential", "growth_per_year": growth}
        return rows, [], {"type": "arrival_time"}

    def _births(self, name: str) -> NDArray[np.int64] | None:
        """When the rows of a table began: their own times, else those of the rows above; None where none has a time."""
        if name in self.times:
            return self._times(name)
        key = self.parents.get(name)
        above = self._births(key.table) if key is not None else None
        if key is None or above is None:
            return None
        at = pc.index_in(
            self.tables[name].columns[key.column].cells, value_set=self.tables[key.table].columns[key.key].cells
        )
        return np.asarray(above[np.asarray(pc.fill_null(at, 0))])

    def _lag(self, table: SourceTable, parent: SourceKey) -> bool | None:
        """Whether rows are events of their parent's life (True) or come along with it (False); None where the parent
        has no time.
        """
        births = self._births(parent.table)
        if births is None or self.window is None:
            return None
        other = self.tables[parent.table]
        at = pc.index_in(table.columns[parent.column].cells, value_set=other.columns[parent.key].cells)
        gaps = self._times(table.name) - births[np.asarray(pc.fill_null(at, 0))]
        if float((gaps >= 0).mean()) < _LATE_CHILDREN:
            return False
        return float(np.median(gaps)) > _SOON * (self.window[1] - self.window[0])

    def _events(
        self, table: SourceTable, counts: NDArray[np.int64], births: NDArray[np.int64]
    ) -> tuple[Json, list[Json], Json]:
        assert self.window is not None
        months, times = exposures(births, self.window), self._times(table.name)
        rate = len(times) / max(float(months.sum()), 1e-9)
        rows: Json = {"type": "events", "mean_per_month": rounded(rate, 3)}
        spread = dispersion(counts, months, rate)
        if spread > 0.05:
            rows["dispersion"] = rounded(spread, 2)
        is_date = pa.types.is_date(table.columns[self.times[table.name]].type)
        season = seasonality(times, births, self.window, with_hours=not is_date)
        halves = self._halves(births)
        growth = growth_per_year(times, self.window, halves)
        behaviors = [season] if season is not None else []
        if growth is not None:
            rows["mean_per_month"] = rounded(rate / trend_mean(births, self.window, growth), 3)
            behaviors.append({"type": "trend", "shape": "exponential", "growth_per_year": growth})
        return rows, behaviors, {"type": "event_time"}

    def _halves(self, births: NDArray[np.int64]) -> tuple[float, float]:
        """The time that parents are there in the first and the second half of the window."""
        assert self.window is not None
        middle = (self.window[0] + self.window[1]) // 2
        first = np.clip(middle - np.maximum(births, self.window[0]), 0, None).sum()
        second = np.clip(self.window[1] - np.maximum(births, middle), 0, None).sum()
        return float(first), float(second)

    def _columns(self, table: SourceTable, parent: SourceKey | None, time: Json | None) -> Json:
        columns: Json = {}
        keys = {key.column: key for key in table.foreign_keys}
        notes: list[str] = []
        for name, column in table.columns.items():
            key = keys.get(name)
            if parent is not None and name == parent.column:
                columns[name] = {"type": "parent_key"}
            elif key is not None:
                columns[name] = self._reference(key, table, parent)
            elif table.primary_key == (name,) and (made := self._key(table, name)) is not None:
                columns[name] = made
            elif time is not None and name == self.times.get(table.name):
                columns |= _shown_time(name, column.type, time)
            else:
                made = generator_of(column, self.privacy, notes)
                columns |= {name: made} if made is not None else {}
        self.notes += [f"{table.name}.{note}" for note in notes]
        if table.read:
            copies(table, self.tables, columns, parent, _quoted)
            below = [(self.tables[name], key) for name, key in self.parents.items() if key.table == table.name]
            totals(table, [one for one in below if one[0].read], columns, _quoted)
            by_category(table, columns, self.privacy)
            null_shares(table, columns)
            delays(table, columns)
        return columns

    def _key(self, table: SourceTable, name: str) -> Json | None:
        column = table.columns[name]
        if _is_number(table, name):
            first = pc.min(column.cells).as_py() if column.cells is not None and len(column.cells) else 1
            return {"type": "key", "start": max(int(first), 0)} if first != 1 else {"type": "key"}
        made = generator_of(column, self.privacy, [])
        if made is not None and made["type"] == "pattern":
            enough = re.search(r"[#?*].*[#?*].*[#?*].*[#?*]", made["pattern"]) is not None
            return {"type": "pattern", "pattern": made["pattern"] if enough else "????????", "unique": True}
        return (
            made
            if made is not None and made["type"] == "uuid"
            else {"type": "pattern", "pattern": "????????", "unique": True}
        )

    def _reference(self, key: SourceKey, table: SourceTable, parent: SourceKey | None) -> Json:
        made: Json = {"type": "reference", "table": key.table}
        other, column = self.tables[key.table], table.columns[key.column]
        if other.primary_key != (key.key,):
            made["key"] = key.key
        if column.cells is None:
            return made | ({"null_share": 0.05} if column.nullable else {})
        counts = fan_out(key, table, other)
        law = popularity(counts)
        if parent is not None and key.column in table.primary_key and len(table.primary_key) > 1:
            made["distinct"] = True
        if law is not None:
            made["popularity"] = law
        if column.cells.null_count and key.table != table.name:
            made["null_share"] = rounded(column.cells.null_count / len(column.cells), 3)
        return made


def _time_column(table: SourceTable) -> str | None:
    """The first timestamp that every row has, else the first date; never a date of birth."""
    whole = [
        column
        for column in table.columns.values()
        if column.cells is not None
        and len(column.cells)
        and column.cells.null_count == 0
        and not _BIRTH.search(column.name)
    ]
    stamps = [column.name for column in whole if pa.types.is_timestamp(column.type)]
    dates = [column.name for column in whole if pa.types.is_date(column.type)]
    return next(iter(stamps + dates), None)


def _shown_time(name: str, kind: pa.DataType, time: Json) -> Json:
    if not pa.types.is_date(kind):
        return {name: time}
    hidden = f"{name}_time"
    return {
        hidden: {**time, "hidden": True},
        name: {"type": "expression", "expression": f"CAST({_quoted(hidden)} AS DATE)"},
    }


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else f'"{name}"'


def _is_number(table: SourceTable, column: str) -> bool:
    return bool(pa.types.is_integer(table.columns[column].type))


def _in_order(tables: dict[str, SourceTable], parents: dict[str, SourceKey]) -> list[SourceTable]:
    """Roots first, each followed by what hangs below it."""
    below: dict[str | None, list[str]] = {}
    for name in tables:
        below.setdefault(parents[name].table if name in parents else None, []).append(name)
    ordered: list[SourceTable] = []
    todo = list(below.get(None, ()))
    while todo:
        name = todo.pop(0)
        ordered.append(tables[name])
        todo = below.get(name, []) + todo
    return ordered
