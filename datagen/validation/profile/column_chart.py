"""The chart of a column: bars for few values, a histogram for many."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.columnar import arrow_compute as pc
from datagen.columnar.block import Column, Floats, Type, as_numpy
from datagen.time_units import DAY, HOUR
from datagen.validation.profile.column_profile import ColumnProfile
from datagen.validation.report import chart_data
from datagen.validation.report.number_format import moment

BINS = 30
MOST_BARS = 40
FEW = 16
"""Up to this many different numbers are drawn as bars."""
SKEWED = 30.0
"""The axis is logarithmic if the maximum is this many times the median, and no number is negative."""


def units_of(type_: Type) -> str:
    """The unit of the numbers of a profile: letters for text, hours for durations, else none."""
    return "letters" if type_.textual else "hours" if type_.name == "duration" else ""


def spelled(value: float | None, type_: Type) -> float | str | None:
    """A number of a profile in display units; an instant as text."""
    if value is None:
        return None
    if type_.name == "timestamp":
        return f"{moment(value):%Y-%m-%d %H:%M}"
    if type_.name == "date":
        return f"{moment(value * DAY):%Y-%m-%d}"
    if type_.name == "duration":
        return value / HOUR
    return value / 10**type_.scale if type_.name == "decimal" else value


def chart_of(title: str, name: str, profile: ColumnProfile, sample: Column) -> dict[str, Any] | None:
    """The chart of a column, from its counts if known, else from a sample of its cells."""
    if profile.words is not None and profile.words:
        most = profile.words.most_common(MOST_BARS)
        return chart_data.bars(title, [w for w, _ in most], [n / profile.present for _, n in most], x=name)
    there = sample if sample.valid is None else sample.take(np.flatnonzero(sample.valid))
    if not len(there):
        return None
    if there.type.textual:
        return _of_text(title, name, there)
    if there.type.name in ("timestamp", "date"):
        moments = there.data.astype(np.float64) * (DAY if there.type.name == "date" else 1)
        return _histogram(title, moments, name, "time")
    numbers = there.as_floats() / (HOUR if there.type.name == "duration" else 1)
    numbers = numbers[np.isfinite(numbers)]
    return _of_numbers(title, f"{name} (hours)" if there.type.name == "duration" else name, numbers)


def _of_text(title: str, name: str, there: Column) -> dict[str, Any] | None:
    counts = pc.value_counts(there.data).to_pylist()
    if len(counts) <= len(there) / 2:
        most = sorted(counts, key=lambda count: (-count["counts"], count["values"]))[:MOST_BARS]
        shares = [count["counts"] / len(there) for count in most]
        return chart_data.bars(title, [count["values"] for count in most], shares, x=name)
    lengths = as_numpy(pc.call_function("utf8_length", [there.data])).astype(np.float64)
    if lengths.min() < lengths.max():
        return _of_numbers(title, f"letters in {name}", lengths)
    firsts = pc.value_counts(pc.utf8_slice_codeunits(there.data, 0, 1)).to_pylist()
    shown = sorted(firsts, key=lambda first: str(first["values"]))[:MOST_BARS]
    labels, shares = [first["values"] for first in shown], [first["counts"] / len(there) for first in shown]
    return chart_data.profile(title, labels, shares, unit="share", x=f"first letter of {name}", y="share of rows")


def _of_numbers(title: str, message: str, numbers: Floats) -> dict[str, Any] | None:
    if not len(numbers):
        return None
    values, counts = np.unique(numbers, return_counts=True)
    if len(values) <= FEW:
        labels = [f"{value:g}" for value in values]
        return chart_data.profile(title, labels, counts / len(numbers), unit="share", x=message, y="share of rows")
    median = float(np.median(numbers))
    skewed = values[0] > 0 and values[-1] > SKEWED * median
    return _histogram(title, numbers, message, "log" if skewed else "linear")


def _histogram(title: str, numbers: Floats, message: str, axis: chart_data.Axis) -> dict[str, Any]:
    low, high = float(numbers.min()), float(numbers.max())
    if high <= low:
        high = low + (DAY if axis == "time" else max(abs(low), 1.0))
    edges = np.geomspace(low, high, BINS + 1) if axis == "log" else np.linspace(low, high, BINS + 1)
    if axis == "linear" and high - low < 4 * BINS and bool((numbers == np.floor(numbers)).all()):
        edges = _whole(low, high)
    counts, _ = np.histogram(numbers, edges)
    return chart_data.histogram(title, edges, counts / len(numbers), x=message, axis=axis)


def _whole(low: float, high: float) -> Floats:
    """Edges between whole numbers, with the same number of them per bin."""
    width = max(int(np.ceil((high - low + 1) / BINS)), 1)
    steps = np.arange(int(np.ceil((high - low + 1) / width)) + 1, dtype=np.float64)
    edges: Floats = low - 0.5 + width * steps
    return edges
