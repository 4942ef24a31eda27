"""Units of the values of a column, for messages and charts: numbers, days, microseconds."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import Floats
from datagen.declarations.values import Unit
from datagen.time_units import DAY, HOUR
from datagen.validation.report.chart_data import Axis

_LENGTHS = ((DAY, "days"), (HOUR, "hours"), (60_000_000, "minutes"), (1_000_000, "seconds"), (1, "microseconds"))


def format_value(value: float, unit: Unit) -> str:
    """A value as text: 12.3, 2024-01-31, 2.5 hours."""
    if unit == "date":
        return str(np.datetime64(int(value), "D"))
    if unit == "timestamp":
        return str(np.datetime64(int(value), "us").astype("datetime64[m]")).replace("T", " ")
    if unit == "number":
        return f"{value:.4g}"
    size, name = _length(abs(value))
    return f"{value / size:.3g} {name}"


def drawn(edges: Floats, unit: Unit, axis: Axis) -> tuple[Floats, Axis, str]:
    """The edges of a chart in display units, their axis, and the name of their unit, in brackets."""
    if unit in ("date", "timestamp"):
        return edges * (DAY if unit == "date" else 1), "time", ""
    if unit == "number":
        return edges, axis, ""
    size, name = _length(float(edges[len(edges) // 2]))
    return edges / size, axis, f" ({name})"


def _length(value: float) -> tuple[int, str]:
    return next((size, name) for size, name in _LENGTHS if value >= size or size == 1)
