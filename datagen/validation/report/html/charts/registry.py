"""Draws a chart by its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from datagen.validation.report.html.charts import (
    bars,
    columns,
    curve,
    heatmap,
    histogram,
    interval,
    series,
    state_diagram,
    waterfall,
)
from datagen.validation.report.html.svg import SafeMarkup

FORMS: Mapping[str, Callable[[Any], SafeMarkup]] = {
    "histogram": histogram.draw,
    "bars": bars.draw,
    "profile": columns.profile,
    "counts": columns.counts,
    "series": series.draw,
    "curve": curve.draw,
    "heatmap": heatmap.draw,
    "interval": interval.draw,
    "state_diagram": state_diagram.draw,
    "waterfall": waterfall.draw,
}
NARROW: Mapping[str, Callable[[Any], SafeMarkup]] = {"series": series.draw_narrow, "heatmap": heatmap.draw_narrow}


def draw(chart: Mapping[str, Any]) -> SafeMarkup | None:
    """The picture of a chart; None for an unknown form."""
    form = FORMS.get(str(chart.get("form")))
    return form(chart) if form else None


def draw_narrow(chart: Mapping[str, Any]) -> SafeMarkup:
    """The picture of a wide chart for a small screen; empty for others, which fit."""
    form = NARROW.get(str(chart.get("form")))
    return form(chart) if form else SafeMarkup("")


def is_wide(chart: Mapping[str, Any]) -> bool:
    """Whether the picture takes the whole width of the page."""
    if chart.get("form") == "heatmap":
        return not heatmap.fits(chart)  # type: ignore[arg-type]
    return chart.get("form") == "series"
