"""A function of age or tenure: the estimate with its band, and the declared curve."""

from __future__ import annotations

from itertools import pairwise

from datagen.validation.report import chart_data
from datagen.validation.report.chart_data import Numbers
from datagen.validation.report.html.charts.axes import SMALL, grid, x_axis
from datagen.validation.report.html.charts.scales import Scale, spanned, ticks, with_margin
from datagen.validation.report.html.charts.series import placed, runs
from datagen.validation.report.html.svg import SafeMarkup, drawing, path


def draw(chart: chart_data.Curve) -> SafeMarkup:
    """A line, or steps for a Kaplan-Meier curve."""
    known = [chart[name] or [] for name in ("found", "planted", "low", "high")]
    across = spanned(chart["at"], SMALL.left, SMALL.right)
    up = with_margin(
        spanned([value for values in known for value in values] + [0.0], SMALL.bottom, SMALL.top, zero=True)
    )
    parts = grid(SMALL, up, chart["unit"], chart["y"])
    if chart["low"] and chart["high"]:
        parts.append(_band(chart, across, up))
    parts += [path(_line(chart, run, across, up), "found-line") for run in runs(chart["at"], chart["found"])]
    parts += [path(placed(run, across, up), "planted-line dashed") for run in runs(chart["at"], chart["planted"] or [])]
    return drawing(SMALL.size, f"curve: {chart['title']}", [*parts, *x_axis(SMALL, ticks(across, 6), chart["x"])])


def _line(
    chart: chart_data.Curve, run: list[tuple[float, float]], across: Scale, up: Scale
) -> list[tuple[float, float]]:
    points = placed(run, across, up)
    return step_points(points) if chart["steps"] else points


def step_points(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The points of a step function."""
    corners = [(right[0], left[1]) for left, right in pairwise(points)]
    merged = [point for pair in zip(points, corners, strict=False) for point in pair]
    return [*merged, *points[-1:]]


def _band(chart: chart_data.Curve, across: Scale, up: Scale) -> SafeMarkup:
    shape = step_points if chart["steps"] else list
    low = shape(_known(chart["at"], chart["low"] or [], across, up))
    high = shape(_known(chart["at"], chart["high"] or [], across, up))
    return path([*low, *reversed(high)], "band", closed=True)


def _known(at: Numbers, values: Numbers, across: Scale, up: Scale) -> list[tuple[float, float]]:
    return [(across(x), up(y)) for x, y in zip(at, values, strict=True) if x is not None and y is not None]
