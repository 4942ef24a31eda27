"""Puts a document together: tables in order, rows, keys, times, columns and what shapes the rows over time."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.interop.infer.calendar_fit import LEAST_YEAR, CalendarFit, DailyCounts, fit_calendar
from datagen.interop.infer.columns import Privacy, generator_of, leading_digit
from datagen.interop.infer.correlation import correlations
from datagen.interop.infer.dependence import by_category, delays, null_shares
from datagen.interop.infer.derived import copies, positions, totals
from datagen.interop.infer.distributions import Json, rounded
from datagen.interop.infer.entities import with_owners
from datagen.interop.infer.event_model import (
    MONTH_DAYS,
    EventModel,
    behaviors_of,
    daily_counts,
    event_model,
    retention_of,
)
from datagen.interop.infer.lifetime_fit import EventTimes, WeibullLives
from datagen.interop.infer.relations import (
    count_distribution,
    fan_out,
    parent_of,
    pointed_to,
    popularity,
    times_of,
    tree,
)
from datagen.interop.infer.source_table import SourceKey, SourceTable
from datagen.time_units import DAY, HOUR, format_instant

_FEWEST_ARRIVALS = 200
_LATE_CHILDREN = 0.99
"""Share of children that must come after their parent for their times to be events of its life."""
_SOON = 0.02
"""Part of the window within which children that follow their parent at once come."""
_MOST_DISPERSION = 20.0
"""Dispersion between parents beyond which rows are no events of one rate: they come within a short time."""
_MOST_EFFECT = 100.0
"""Multiplier of some days beyond which rows are no events of a rate: they come on these days, such as month ends."""
DDL_ROWS = 1000
_SHORT = 60
"""Days from which a window is shown in whole months."""


@dataclass
class Builder:
    """The state of one inference. `window` is in microseconds since 1970; None where nothing has a time."""

    tables: dict[str, SourceTable]
    privacy: Privacy
    notes: list[str] = field(default_factory=list)
    parents: dict[str, SourceKey] = field(default_factory=dict)
    times: dict[str, str] = field(default_factory=dict)
    window: tuple[int, int] | None = None
    models: dict[str, EventModel] = field(default_factory=dict)
    lives: dict[str, WeibullLives] = field(default_factory=dict)
    comments: dict[tuple[str, ...], str] = field(default_factory=dict)

    def build(self, name: str) -> Json:
        """The document. Its problems, if it has some, are up to the caller."""
        for table in self.tables.values():
            time = table.time_column
            if time is not None:
                self.times[table.name] = time
        for table in self.tables.values():
            parent = parent_of(table, self.tables, self.times)
            if parent is not None:
                self.parents[table.name] = parent
        with_owners(self.tables, self.parents, self.privacy.k)
        self.window = self._window()
        self._models()
        made: Json = {"datagen": 1, "name": name}
        if self.window is not None:
            start, end, unit = self._shown_window()
            self.comments["window",] = f"whole {unit} from the first to the last event"
            made["window"] = {"start": format_instant(start), "end": format_instant(end)}
        made["tables"] = {table.name: self._table(table) for table in _in_order(self.tables, self.parents)}
        return made

    def _window(self) -> tuple[int, int] | None:
        """Whole days around the times of tables below others, else of all tables."""
        children = [name for name in self.times if name in self.parents] or list(self.times)
        if not children:
            return None
        last = max(int(self._days(name)[0][-1]) for name in self.times)
        return min(int(self._days(name)[0][0]) for name in children) * DAY, (last + 1) * DAY

    def _shown_window(self) -> tuple[int, int, str]:
        """The window of the document and its unit: whole months, of a short one whole weeks, so that the day of no
        single event is disclosed. Days where everything may be kept.
        """
        assert self.window is not None
        if self.privacy.k == 1:
            return *self.window, "days"
        start, end = (one // DAY for one in self.window)
        if end - start < _SHORT:
            return _monday(start) * DAY, (_monday(end - 1) + 7) * DAY, "weeks"
        return _first_of_month(start) * DAY, _first_of_month(_first_of_month(end - 1) + 31) * DAY, "months"

    def _days(self, table: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The days since 1970 on which rows of a table came, and how many of all rows."""
        summary = self.tables[table].columns[self.times[table]].summary
        if summary is not None and summary.days:
            days = sorted(summary.days)
            return np.array(days, np.int64), np.array([summary.days[day] for day in days], np.int64)
        found, counts = np.unique(self._times(table) // DAY, return_counts=True)
        return found, counts.astype(np.int64)

    def _times(self, table: str) -> NDArray[np.int64]:
        return times_of(self.tables[table].columns[self.times[table]].cells)

    def _table(self, table: SourceTable) -> Json:
        parent = self.parents.get(table.name)
        rows, behaviors, time = self._rows(table, parent)
        if table.name in self.lives:
            behaviors = [*behaviors, retention_of(self.lives[table.name])]
        made: Json = {"parent": parent.table} if parent is not None else {}
        made |= {"rows": rows, "columns": self._columns(table, parent, time)}
        notes: list[str] = []
        if table.read and (found := correlations(table, made["columns"], notes)):
            made["correlations"] = found
        self.notes += [f"{table.name}.{note}" for note in notes]
        if behaviors:
            made["behaviors"] = behaviors
        if table.primary_key and not self._has_key(table):
            made["primary_key"] = list(table.primary_key)
        return made

    def _has_key(self, table: SourceTable) -> bool:
        only = table.primary_key[0] if len(table.primary_key) == 1 else None
        return only is not None and _is_integer(table, only) and only not in {key.column for key in table.foreign_keys}

    def _rows(self, table: SourceTable, parent: SourceKey | None) -> tuple[int | Json, list[Json], Json | None]:
        """Where rows come from, what shapes them over time, and the generator of their time, where rows have one."""
        if parent is None:
            return self._roots(table)
        if table.columns[parent.column].cells is None:
            return {"type": "per_parent", "count": {"type": "poisson", "mean": 3}}, [], None
        if table.name not in self.models:
            counts = fan_out(parent, table, self.tables[parent.table])
            self._comment(table, f"{counts.mean():.3g} rows below a row, variance {counts.var():.3g}")
            return {"type": "per_parent", "count": count_distribution(counts)}, [], None
        model = self.models[table.name]
        rows: Json = {"type": "events", "mean_per_month": rounded(model.calendar.base * MONTH_DAYS, 3)}
        there = "" if model.lives is None else " that is still active"
        self._comment(table, f"{table.rows or 0:,} rows over the months of each row of {parent.table}{there}")
        if model.dispersion > 0.05:
            rows["dispersion"] = rounded(model.dispersion, 2)
        return rows, self._behaviors(table, model.calendar), {"type": "event_time"}

    def _comment(self, table: SourceTable, text: str) -> None:
        self.comments["tables", table.name, "rows"] = text

    def _behaviors(self, table: SourceTable, calendar: CalendarFit) -> list[Json]:
        assert self.window is not None
        if len(calendar.daily) < LEAST_YEAR:
            note = f"the times span {len(calendar.daily)} days: seasons are looked for from {LEAST_YEAR} days on"
            self.notes += [note] * (note not in self.notes)
        column = table.columns[self.times[table.name]]
        if pa.types.is_date(column.type):
            hours = None
        elif column.summary is not None:
            hours = column.summary.hours
        else:
            hours = np.bincount((self._times(table.name) % DAY) // HOUR, minlength=24)
        return behaviors_of(calendar, self.window, hours)

    def _roots(self, table: SourceTable) -> tuple[int | Json, list[Json], Json | None]:
        count = table.rows if table.rows is not None else DDL_ROWS
        born = any(self.parents[name].table == table.name for name in self.models)
        if table.name not in self.times or self.window is None or (count < _FEWEST_ARRIVALS and not born):
            return count, [], None
        days, each = self._days(table.name)
        self._comment(table, f"by {self.times[table.name]}")
        rows: Json = {"type": "arrivals", "count": count}
        start = self._shown_window()[0] // DAY
        before = float(each[days < start].sum()) / float(each.sum())
        if before > 0:
            first = int(days[0]) if self.privacy.k == 1 else _first_of_month(int(days[0]))
            rows |= {"before_window": rounded(before, 3), "history": f"{start - first}d"}
        counts = daily_counts(days, each, self.window)
        calendar = fit_calendar(DailyCounts(counts, np.ones(len(counts)), self.window[0] // DAY))
        behaviors = self._behaviors(table, calendar)
        if calendar.terms.kinks == (0,):
            rows["curve"] = {"type": "exponential", "growth_per_year": rounded(calendar.growth[0], 3)}
            behaviors = [one for one in behaviors if one["type"] != "trend"]
        return rows, behaviors, {"type": "arrival_time"}

    def _births(self, name: str) -> NDArray[np.int64] | None:
        """When the rows of a table began: their own times if they arrive, or are events; else those of the rows above;
        None where none has a time.
        """
        key = self.parents.get(name)
        if name in self.times and (key is None or name in self.models):
            return self._times(name)
        above = self._births(key.table) if key is not None else None
        if key is None or above is None:
            return None
        return np.asarray(above[self._owners(self.tables[name], key)])

    def _owners(self, table: SourceTable, key: SourceKey) -> NDArray[np.int64]:
        """The row of the other table that each row points to."""
        at = pc.index_in(table.columns[key.column].cells, value_set=self.tables[key.table].columns[key.key].cells)
        return np.asarray(pc.fill_null(at, 0)).astype(np.int64)

    def _models(self) -> None:
        """The models of tables that are events of their parent's life; of parents, those with most events decide
        whether and when lives end.
        """
        decided: set[str] = set()
        for name in sorted(self.parents, key=lambda one: (self._depth(one), -(self.tables[one].rows or 0))):
            parent, table = self.parents[name], self.tables[name]
            if name not in self.times or self.window is None or table.columns[parent.column].cells is None:
                continue
            owner, born = self._owners(table, parent), self._births(parent.table)
            times = self._times(name)
            if born is not None and not self._follow(times - born[owner]):
                continue
            births = np.full(self.tables[parent.table].read, self.window[0]) if born is None else born
            model = event_model(
                EventTimes(births, owner, times, self.window),
                daily_counts(*self._days(name), self.window),
                known_births=born is not None and parent.table not in decided,
                lives=self.lives.get(parent.table),
            )
            decided.add(parent.table)
            if model.dispersion > _MOST_DISPERSION or max(model.calendar.effects, default=0.0) > _MOST_EFFECT:
                continue
            self.models[name] = model
            if model.lives is not None:
                self.lives.setdefault(parent.table, model.lives)

    def _depth(self, name: str) -> int:
        return 1 + self._depth(self.parents[name].table) if name in self.parents else 0

    def _follow(self, gaps: NDArray[np.int64]) -> bool:
        """Whether rows are events of their parent's life, or come along with it."""
        assert self.window is not None
        late = float((gaps >= 0).mean()) >= _LATE_CHILDREN
        return late and float(np.median(gaps)) > _SOON * (self.window[1] - self.window[0])

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
            positions(table, parent, columns)
            below = [(self.tables[name], key) for name, key in self.parents.items() if key.table == table.name]
            totals(table, [one for one in below if one[0].read], columns, _quoted)
            by_category(table, columns, self.privacy)
            null_shares(table, columns, self.privacy)
            delays(table, columns, self.privacy)
        return columns

    def _key(self, table: SourceTable, name: str) -> Json | None:
        column = table.columns[name]
        if _is_integer(table, name):
            first = pc.min(column.cells).as_py() if column.cells is not None and len(column.cells) else 1
            if column.summary is not None and column.summary.low is not None:
                first = column.summary.low
            if self.privacy.k > 1:  # the smallest key is one row's
                first = int(leading_digit(float(first), math.floor))
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
        other, column = self.tables[key.table], table.columns[key.column]
        made: Json = {"type": "reference", "table": key.table}
        made |= self._earlier(key, table, parent) if other is table and parent is not None else {}
        if other.primary_key != (key.key,):
            made["key"] = key.key
        if column.cells is None:
            return made | ({"null_share": 0.05} if column.nullable else {})
        if other is table and parent is None and not table.is_sample:
            found = tree(pointed_to(key, table, other))
            if found is not None:
                return found
        distribution = popularity(fan_out(key, table, other))
        if parent is not None and key.column in table.primary_key and len(table.primary_key) > 1:
            made["distinct"] = True
        if distribution is not None:
            made["popularity"] = distribution
        if column.null_share and (other is not table or column.cells.null_count > 1):
            made["null_share"] = rounded(column.null_share, 3)
        return made

    def _earlier(self, key: SourceKey, table: SourceTable, parent: SourceKey) -> Json:
        """Which rows of its own table below a parent a reference chooses: those of the same parent, or all earlier."""
        read = table.columns[key.column].cells is not None and table.columns[parent.column].cells is not None
        if read:
            above = pointed_to(key, table, table)
            at, owners = np.flatnonzero(above >= 0), self._owners(table, parent)
            if len(at) and not np.array_equal(owners[at], owners[above[at]]):
                if table.name in self.models:
                    time = self.times[table.name]
                    dated = pa.types.is_date(table.columns[time].type)
                    return {"order_by": f"{time}_time" if dated else time}
                if parent.table not in self.models:
                    return {}
        return {"within": parent.table}


def _monday(day: int) -> int:
    """The first day of the week of a day since 1970."""
    return day - (day + 3) % 7


def _first_of_month(day: int) -> int:
    """The first day of the month of a day since 1970."""
    return int(np.datetime64(day, "D").astype("M8[M]").astype("M8[D]").astype(np.int64))


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


def _is_integer(table: SourceTable, column: str) -> bool:
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
