"""A histogram: shares of rows between edges as bars, the declared shares as a step line."""

from __future__ import annotations

from itertools import pairwise

from datagen.validation.report import chart_data
from datagen.validation.report.chart_data import Numbers
from datagen.validation.report.html.charts.axes import SMALL, grid, x_axis
from datagen.validation.report.html.charts.scales import spanned, ticks, time_ticks, with_margin
from datagen.validation.report.html.svg import SafeMarkup, box, drawing, path
from datagen.validation.report.number_format import digits, moment, share


def draw(chart: chart_data.Histogram) -> SafeMarkup:
    """If the bins have different widths, the height is a density, so that areas are true, and the y axis has no
    numbers.
    """
    axis = chart["axis"]
    across = spanned(chart["edges"], SMALL.left, SMALL.right, log=axis == "log")
    places = [across(edge or 0.0) for edge in chart["edges"]]
    even = _even(places)
    found = _heights(chart["found"], places)
    planted = _heights(chart["planted"], places) if chart["planted"] else []
    up = with_margin(spanned([*found, *planted, 0.0], SMALL.bottom, SMALL.top, zero=True))
    marks = time_ticks(across, 4) if axis == "time" else ticks(across, 5)
    parts = [
        *(grid(SMALL, up, "share", chart["y"]) if even else []),
        *_bars(chart, places, [up(height) for height in found]),
    ]
    if planted:
        parts.append(_steps(places, [up(height) for height in planted]))
    return drawing(SMALL.size, f"histogram: {chart['title']}", [*parts, *x_axis(SMALL, marks, chart["x"])])


def _bars(chart: chart_data.Histogram, places: list[float], tops: list[float]) -> list[SafeMarkup]:
    planted = chart["planted"] or [None] * len(tops)
    hints = [
        f"{_edge(low, chart)} to {_edge(high, chart)}: found {share(found or 0)}" + _beside(plan)
        for (low, high), found, plan in zip(pairwise(chart["edges"]), chart["found"], planted, strict=True)
    ]
    return [
        box((left, top), (right - left - (1 if right - left > 3 else 0), SMALL.bottom - top), "found", hint)
        for (left, right), top, hint in zip(pairwise(places), tops, hints, strict=True)
    ]


def _beside(planted: float | None) -> str:
    return "" if planted is None else f", planted {share(planted)}"


def _edge(value: float | None, chart: chart_data.Histogram) -> str:
    return f"{moment(value or 0):%Y-%m-%d}" if chart["axis"] == "time" else digits(value)


def _steps(places: list[float], tops: list[float]) -> SafeMarkup:
    corners = [
        corner for (left, right), top in zip(pairwise(places), tops, strict=True) for corner in _flat(left, right, top)
    ]
    return path([(places[0], SMALL.bottom), *corners, (places[-1], SMALL.bottom)], "planted-line")


def _flat(left: float, right: float, top: float) -> list[tuple[float, float]]:
    return [(left, top), (right, top)]


def _even(places: list[float]) -> bool:
    widths = [right - left for left, right in pairwise(places)]
    return bool(widths) and max(widths) - min(widths) <= 0.02 * max(widths)


def _heights(shares: Numbers, places: list[float]) -> list[float]:
    """Shares if all bins have the same width in the drawing, else scaled shares per width."""
    widths = [max(right - left, 1e-9) for left, right in pairwise(places)]
    mean = sum(widths) / max(len(widths), 1)
    if _even(places):
        return [one or 0.0 for one in shares]
    return [(one or 0.0) * mean / max(width, mean / 20) for one, width in zip(shares, widths, strict=True)]
