"""A waterfall: a level, the changes since as bars that each begin where the one before ends, and the level they lead
to.
"""

from __future__ import annotations

from datagen.validation.report import chart_data
from datagen.validation.report.html.charts.bars import RIGHT, ROW, WIDTH, name_width
from datagen.validation.report.html.charts.scales import spanned
from datagen.validation.report.html.svg import SafeMarkup, box, drawing, line, text
from datagen.validation.report.number_format import shortened, show

MOST = 14


def draw(chart: chart_data.Waterfall) -> SafeMarkup:
    """The levels at both ends are filled, changes are green where they add and red where they take away."""
    values = [value or 0.0 for value in chart["values"][:MOST]]
    ends = _ends(values)
    left = name_width(chart["labels"])
    across = spanned([at for end in ends for at in end] + [0.0], left, RIGHT, zero=True)
    parts = [line((across(0), 2), (across(0), len(values) * ROW + 2), "axis")]
    for k, (value, (begin, end)) in enumerate(zip(values, ends, strict=True)):
        level = k in (0, len(values) - 1)
        low, high = sorted((across(begin), across(end)))
        kind = "found" if level else "more" if value >= 0 else "less"
        sign = "+" if value > 0 and not level else ""
        label, shown = chart["labels"][k], sign + show(value, chart["unit"])
        middle = k * ROW + 4 + ROW / 2
        parts += [
            text((left - 8, middle + 2), shortened(label, 19), "name", "end"),
            box((low, k * ROW + 6), (max(high - low, 1.0), ROW - 8), kind, f"{label}: {shown}"),
            text((WIDTH - 2, middle + 2), shown, "value", "end"),
        ]
        if not level:
            parts.append(line((across(end), k * ROW + 6), (across(end), (k + 1) * ROW + 6), "grid"))
    return drawing((WIDTH, len(values) * ROW + 6), f"waterfall: {chart['title']}", parts)


def _ends(values: list[float]) -> list[tuple[float, float]]:
    """Where each bar begins and ends."""
    found, at = [], 0.0
    for k, value in enumerate(values):
        if k in (0, len(values) - 1):
            found.append((0.0, value))
            at = value
        else:
            found.append((at, at + value))
            at += value
    return found
