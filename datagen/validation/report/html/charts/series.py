"""A value over calendar time, with its expectation or moving mean."""

from __future__ import annotations

from datetime import UTC, datetime

from datagen.validation.report import chart_data
from datagen.validation.report.chart_data import Numbers
from datagen.validation.report.html.charts.axes import SMALL, WIDE, Frame, grid, x_axis
from datagen.validation.report.html.charts.scales import Scale, spanned, time_ticks, with_margin
from datagen.validation.report.html.svg import SafeMarkup, drawing, path

FINE = 300
"""Lines with more points than this are thin, because they vary within a few pixels."""


def draw(chart: chart_data.Series) -> SafeMarkup:
    """The values as an area, their expectation as a line over it. Gaps are left open."""
    return _drawn(chart, WIDE, 8)


def draw_narrow(chart: chart_data.Series) -> SafeMarkup:
    """The same for a small screen."""
    return _drawn(chart, SMALL, 4)


def _drawn(chart: chart_data.Series, frame: Frame, marks: int) -> SafeMarkup:
    times = [_microseconds(time) for time in chart["times"]]
    across = spanned(times, frame.left, frame.right)
    up = with_margin(spanned([*chart["values"], *(chart["smooth"] or ()), 0.0], frame.bottom, frame.top, zero=True))
    parts = grid(frame, up, message=chart["y"])
    for run in runs(times, chart["values"]):
        points = placed(run, across, up)
        parts.append(path([(points[0][0], up(0)), *points, (points[-1][0], up(0))], "area", closed=True))
        parts.append(path(points, "found-line"))
    smooth = "smooth-line" if len(times) <= FINE else "smooth-line fine"
    parts += [path(placed(run, across, up), smooth) for run in runs(times, chart["smooth"] or [])]
    label = f"over time: {chart['title']}"
    return drawing(frame.size, label, [*parts, *x_axis(frame, time_ticks(across, marks), chart["x"])])


def runs(at: Numbers, values: Numbers) -> list[list[tuple[float, float]]]:
    """Intervals without a gap."""
    found: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(at, values, strict=False):
        if x is None or y is None:
            found.append([])
        else:
            found[-1].append((x, y))
    return [run for run in found if run]


def placed(run: list[tuple[float, float]], across: Scale, up: Scale) -> list[tuple[float, float]]:
    """Values as points of the drawing."""
    return [(across(x), up(y)) for x, y in run]


def _microseconds(time: str) -> float | None:
    try:
        moment = datetime.fromisoformat(time)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1e6
