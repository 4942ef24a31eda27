"""A profile as plain JSON values and charts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cached_property
from itertools import combinations
from typing import Any

import numpy as np

from datagen.columnar.block import Column, Floats, Ints, as_numpy
from datagen.time_units import DAY, HOUR
from datagen.validation.profile.column_chart import chart_of, spelled, units_of
from datagen.validation.profile.column_profile import ColumnProfile
from datagen.validation.profile.row_sample import RowSample
from datagen.validation.profile.table_profile import TableProfile, TableState, TimeBins
from datagen.validation.realism.dependence import cramers_v
from datagen.validation.realism.row_sample import ranks
from datagen.validation.report import chart_data
from datagen.validation.report.number_format import MISSING, moment

SHOWN_ROWS = 8
FEWEST = 100
"""The fewest rows with both columns for a comparison."""
BANDS = 6
MOST_VALUES = 60
_LONGEST = 60


def described(metric: TableProfile, state: TableState) -> dict[str, Any]:
    """The profile of a table for the report's JSON."""
    sample = state.sample
    return {
        "rows": state.rows,
        "columns": {name: _column(metric.table, name, p, sample) for name, p in state.columns.items()},
        "sample": {
            "names": list(sample.cells),
            "rows": [[cell(column, k) for column in sample.cells.values()] for k in _shown(metric, sample)],
        },
        "missing": _missing(metric.table, state),
        "dependence": _dependence(metric, sample),
        "over_time": _over_time(metric, state),
    }


def _shown(metric: TableProfile, sample: RowSample) -> list[int]:
    """A few rows of a sample, in key order."""
    rows = np.arange(min(len(sample), SHOWN_ROWS))
    if metric.key is not None and metric.key in sample.cells and not sample.cells[metric.key].type.textual:
        rows = rows[np.argsort(sample.cells[metric.key].data[rows], kind="stable")]
    return [int(row) for row in rows]


def _column(table: str, name: str, profile: ColumnProfile, sample: RowSample) -> dict[str, Any]:
    column = sample.cells.get(name)
    if column is None:
        return {"rows": profile.rows, "missing": profile.missing}
    low, high, mean = (spelled(value, column.type) for value in (profile.low, profile.high, profile.mean))
    return {
        "rows": profile.rows,
        "missing": profile.missing,
        "distinct": profile.distinct,
        "distinct_is_exact": profile.exact,
        "units": units_of(column.type),
        "counted": bool(profile.words),
        "min": low,
        "max": high,
        "mean": mean,
        "chart": chart_of(f"{table}.{name}", name, profile, column),
    }


def cell(column: Column, row: int) -> str | None:
    """A cell as text; None where it is missing."""
    if column.valid is not None and not column.valid[row]:
        return None
    value = column.data[row]
    if column.type.textual:
        message = str(value.as_py())
        return message if len(message) <= _LONGEST else f"{message[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"
    if column.type.name == "bool":
        return str(bool(value)).lower()
    return _plain(column, value)


def _plain(column: Column, value: Any) -> str:
    if column.type.name == "decimal":
        return f"{int(value) / 10**column.type.scale:.{column.type.scale}f}"
    if column.type.name == "float":
        return f"{float(value):.6g}"
    if column.type.name == "timestamp":
        return f"{moment(int(value)):%Y-%m-%d %H:%M:%S}"
    if column.type.name == "date":
        return f"{moment(int(value) * DAY):%Y-%m-%d}"
    if column.type.name == "duration":
        return str(timedelta(seconds=round(min(max(int(value) / 1e6, -8e13), 8e13))))
    return str(int(value))


def _missing(table: str, state: TableState) -> dict[str, Any] | None:
    """The share of missing cells of each column with missing cells."""
    shares = {name: p.missing / max(p.rows, 1) for name, p in state.columns.items() if p.missing}
    if not shares:
        return None
    names = sorted(shares, key=lambda name: -shares[name])
    return chart_data.bars(f"{table}: missing cells", names, [shares[name] for name in names])


# --- columns against each other --------------------------------------------------------------------------------------


def _dependence(metric: TableProfile, sample: RowSample) -> dict[str, Any] | None:
    """The strength of association of each pair of columns, 0 to 1."""
    names = [name for name in metric.related if name in sample.cells and _comparable(sample.cells[name])]
    if len(names) < 2 or len(sample) < FEWEST:
        return None
    values: list[list[float | None]] = [[None] * len(names) for _ in names]
    columns = [_Related(sample.cells[name]) for name in names]
    for one, two in combinations(range(len(names)), 2):
        values[one][two] = values[two][one] = association(columns[one], columns[two])
    text = [[MISSING if value is None else f"{value:.2f}" for value in row] for row in values]
    return chart_data.heatmap(f"{metric.table}: association of columns", names, names, values, text, span=(0.0, 1.0))


def _ordered(column: Column) -> bool:
    return not column.type.textual and column.type.name != "bool"


def _comparable(column: Column) -> bool:
    return _ordered(column) or len(np.unique(_codes(column))) <= MOST_VALUES


def _codes(column: Column) -> Any:
    """Equal cells have equal numbers."""
    if column.type.textual:
        return as_numpy(column.data.dictionary_encode().indices)
    return column.data


class _Related:
    """A column that is compared with others; the ranks and bands of all its cells are computed once."""

    def __init__(self, column: Column) -> None:
        self.column, self.codes = column, _codes(column)

    def ranks(self, rows: Ints | None) -> Floats:
        return self._ranks if rows is None else ranks(self.codes[rows])

    def bands(self, rows: Ints | None) -> Ints:
        return self._bands if rows is None else _banded(self.codes[rows], self.column)

    @cached_property
    def _ranks(self) -> Floats:
        return ranks(self.codes)

    @cached_property
    def _bands(self) -> Ints:
        return _banded(self.codes, self.column)


def association(one: _Related, two: _Related) -> float | None:
    """The absolute value of Spearman's correlation, or bias-corrected Cramer's V if one column is unordered; None for
    too few rows.
    """
    both = np.ones(len(one.column), np.bool_)
    for column in (one.column, two.column):
        both &= True if column.valid is None else column.valid
    if np.count_nonzero(both) < FEWEST:
        return None
    rows = None if both.all() else np.flatnonzero(both)
    if _ordered(one.column) and _ordered(two.column):
        a, b = one.ranks(rows), two.ranks(rows)
        a, b = a - a.mean(), b - b.mean()
        spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
        return min(abs(float((a * b).sum())) / spread, 1.0) if spread else None
    found = cramers_v(one.bands(rows), two.bands(rows))
    return None if found is None else min(found, 1.0)


def _banded(codes: Any, column: Column) -> Ints:
    """Numbers in bands of equal size, numbered without gaps."""
    if _ordered(column) and len(np.unique(codes)) > BANDS:
        codes = (ranks(codes) * BANDS / len(codes)).astype(np.int64)
    return np.unique(codes, return_inverse=True)[1]


# --- over time -------------------------------------------------------------------------------------------------------


def _over_time(metric: TableProfile, state: TableState) -> list[dict[str, Any]]:
    """Rows per time step, and the sum of each amount. A step that the window cuts short is left out."""
    bins = metric.time
    if bins is None or state.volume is None or bins.bins < 3 or not state.volume.any():
        return []
    found = [_series(f"{metric.table} per {bins.unit}", bins, state.volume, "rows")]
    found += [
        _series(f"{metric.table}: sum of {name} per {bins.unit}", bins, sums, f"sum of {name}")
        for name, sums in state.amounts.items()
    ]
    return found


def _series(title: str, bins: TimeBins, values: Any, message: str) -> dict[str, Any]:
    whole = min(bins.bins - 1, chart_data.MOST_POINTS)
    times = bins.start + np.arange(whole) * bins.step
    y = f"{message} per {bins.unit}"
    return chart_data.series(title, times, values[:whole], x="" if bins.step < HOUR else "time (UTC)", y=y)


def profiles_in(details: Mapping[str, object]) -> Mapping[str, Mapping[str, Any]]:
    """The profiles in a report, by table."""
    found = details.get("profiles")
    return found if isinstance(found, Mapping) else {}
