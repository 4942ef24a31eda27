"""A chart of a finding as a picture: one form, one drawing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from datagen.validation.report.html.charts import bars, columns, curve, heatmap, histogram, interval, series
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
}
WIDE = frozenset({"series", "heatmap"})


def draw(chart: Mapping[str, Any]) -> SafeMarkup | None:
    """The picture of a chart; None for a form that has none."""
    form = FORMS.get(str(chart.get("form")))
    return form(chart) if form else None
