"""Vertical bars with the declared value as a mark across each: cycles and numbers of children."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from datagen.validation.report import chart_data
from datagen.validation.report.chart_data import Number, Numbers
from datagen.validation.report.html.charts.axes import SMALL, Frame, grid, x_axis
from datagen.validation.report.html.charts.scales import Scale, spanned, with_margin
from datagen.validation.report.html.svg import SafeMarkup, box, drawing, line
from datagen.validation.report.number_format import shortened, show


@dataclass(frozen=True, slots=True)
class Columns:
    """The data of the bars: one per label."""

    labels: Sequence[str]
    found: Numbers
    planted: Numbers | None
    error: Numbers | None
    unit: str


def profile(chart: chart_data.Profile) -> SafeMarkup:
    """A cycle: months, weekdays or hours."""
    columns = Columns(chart["labels"], chart["found"], chart["planted"], chart["error"], chart["unit"])
    return _draw(columns, chart, f"profile: {chart['title']}")


def counts(chart: chart_data.Counts) -> SafeMarkup:
    """The share of parents with k children."""
    labels = [str(k) for k in chart["k"]]
    if chart["open"] and labels:
        labels[-1] += "+"
    return _draw(Columns(labels, chart["found"], chart["planted"], None, "share"), chart, f"counts: {chart['title']}")


def _draw(columns: Columns, chart: chart_data.Chart, label: str) -> SafeMarkup:
    frame = SMALL
    highest = [
        (found or 0) + 2 * (error or 0)
        for found, error in zip(columns.found, _filled(columns.error, columns), strict=True)
    ]
    up = with_margin(spanned([*highest, *(columns.planted or ()), 0.0], frame.bottom, frame.top, zero=True))
    wide = (frame.right - frame.left) / max(len(columns.labels), 1)
    parts = grid(frame, up, columns.unit, chart["y"])
    if columns.unit == "factor":
        parts.append(line((frame.left, up(1)), (frame.right, up(1)), "one"))
    for k in range(len(columns.labels)):
        parts += _column(columns, k, (frame.left + k * wide, wide), up)
    return drawing(frame.size, label, [*parts, *x_axis(frame, _marks(columns.labels, frame, wide), chart["x"])])


def _column(columns: Columns, k: int, place: tuple[float, float], up: Scale) -> list[SafeMarkup]:
    left, wide = place
    inner = wide * 0.72 if wide > 6 else wide - 0.5
    start, middle = left + (wide - inner) / 2, left + wide / 2
    found, planted = columns.found[k], _filled(columns.planted, columns)[k]
    parts = []
    if found is not None:
        parts.append(box((start, up(found)), (inner, up(0) - up(found)), "found", _hint(columns, k)))
        error = _filled(columns.error, columns)[k]
        if error:
            parts.append(line((middle, up(found - 1.96 * error)), (middle, up(found + 1.96 * error)), "whisker"))
    if planted is not None:
        parts.append(line((left + wide * 0.06, up(planted)), (left + wide * 0.94, up(planted)), "planted-mark"))
    return parts


def _hint(columns: Columns, k: int) -> str:
    planted = _filled(columns.planted, columns)[k]
    beside = "" if planted is None else f", planted {show(planted, columns.unit)}"
    return f"{columns.labels[k]}: found {show(columns.found[k], columns.unit)}{beside}"


def _filled(numbers: Numbers | None, columns: Columns) -> list[Number]:
    return numbers if numbers is not None else [None] * len(columns.labels)


def _marks(labels: Sequence[str], frame: Frame, wide: float) -> list[tuple[float, str]]:
    """Every label, or every second, third ... if they would overlap."""
    longest = max((min(len(label), 8) for label in labels), default=1)
    step = max(int((longest * 6.5 + 4) / wide) + 1, 1)
    return [(frame.left + (k + 0.5) * wide, shortened(label, 8)) for k, label in enumerate(labels) if k % step == 0]
