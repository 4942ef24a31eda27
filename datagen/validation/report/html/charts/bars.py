"""Horizontal bars, one per label, with the declared value as a mark on each."""

from __future__ import annotations

from datagen.validation.report import chart_data
from datagen.validation.report.chart_data import Number, Numbers
from datagen.validation.report.html.charts.scales import Scale, spanned
from datagen.validation.report.html.svg import SafeMarkup, box, drawing, element, hints, line, text
from datagen.validation.report.number_format import shortened, show

MOST = 14
ROW = 22.0
WIDTH = 340.0
RIGHT = WIDTH - 52


def draw(chart: chart_data.Bars) -> SafeMarkup:
    """The first labels, in the order of the metric (largest first), and the number of the remaining ones."""
    shown = min(len(chart["labels"]), MOST)
    rest = len(chart["labels"]) - shown
    planted, error = _filled(chart["planted"], chart), _filled(chart["error"], chart)
    ends = [value for value in (*chart["found"], *planted) if value is not None]
    left = name_width(chart["labels"])
    across = spanned([*ends, 0.0], left, RIGHT, zero=True)
    parts = [line((across(0), 2), (across(0), shown * ROW + 2), "axis")]
    for k in range(shown):
        parts += _row(chart, k, (planted[k], error[k]), (across, left))
    if rest:
        parts.append(text((left, shown * ROW + 16), f"and {rest} more", "label"))
    height = shown * ROW + (22 if rest else 6)
    return drawing((WIDTH, height), f"bars: {chart['title']}", parts)


def _row(chart: chart_data.Bars, k: int, beside: tuple[Number, Number], room: tuple[Scale, float]) -> list[SafeMarkup]:
    across, left = room
    top, unit, label, found = k * ROW + 4, chart["unit"], chart["labels"][k], chart["found"][k]
    planted, error = beside
    middle = top + ROW / 2
    hint = f"{label}: found {show(found, unit)}" + ("" if planted is None else f", planted {show(planted, unit)}")
    name = element(
        "text",
        *hints(label),
        shortened(label or "(empty)", 19),
        x=left - 8,
        y=middle + 2,
        class_="name",
        text_anchor="end",
    )
    parts = [name, text((WIDTH - 2, middle + 2), show(found, unit), "value", "end")]
    if found is not None:
        start, end = sorted((across(0), across(found)))
        parts.append(box((start, top + 2), (end - start, ROW - 8), "found", hint))
        if error:
            parts.append(
                line((across(found - 1.96 * error), middle - 1), (across(found + 1.96 * error), middle - 1), "whisker")
            )
    if planted is not None:
        parts.append(line((across(planted), top - 1), (across(planted), top + ROW - 3), "planted-mark"))
    return parts


def name_width(labels: list[str]) -> float:
    """The width of the longest label, within bounds."""
    return min(max(max((len(label) for label in labels), default=0) * 6.6 + 14, 36.0), 132.0)


def _filled(numbers: Numbers | None, chart: chart_data.Bars) -> list[Number]:
    return numbers if numbers is not None else [None] * len(chart["labels"])
