"""A heat map: one cell per row and column, darker where the value is larger; what is unknown stays empty."""

from __future__ import annotations

from datagen.validation.report import chart_data
from datagen.validation.report.chart_data import Number
from datagen.validation.report.html.svg import SafeMarkup, drawing, element, hints, text
from datagen.validation.report.number_format import digits, shortened

LEFT, TOP, FOOT = 92.0, 4.0, 38.0
WIDTH = 1000.0
WRITTEN = 30.0
"""Cells at least so wide have their value written in them."""


def draw(chart: chart_data.Heatmap) -> SafeMarkup:
    """Rows downward, columns across."""
    rows, columns = chart["rows"], chart["columns"]
    wide = min((WIDTH - LEFT - 8) / max(len(columns), 1), 64.0)
    high = 22.0 if len(rows) <= 24 else max(520.0 / len(rows), 9.0)
    bottom = TOP + high * len(rows)
    skip = max(int(12 / high) + (high < 12), 1)
    parts = [
        text((LEFT - 8, TOP + (k + 0.5) * high + 4), shortened(row, 13), "tick", "end")
        for k, row in enumerate(rows)
        if k % skip == 0
    ]
    parts += _foot(chart, wide, bottom)
    for k in range(len(rows)):
        parts += _row(chart, k, (wide, high), _range(chart))
    size = (max(LEFT + wide * len(columns) + 8, 300.0), bottom + FOOT)
    return drawing(size, f"heat map: {chart['title']}", parts)


def _range(chart: chart_data.Heatmap) -> tuple[float, float]:
    span = chart.get("span")
    if span and span[0] is not None and span[1] is not None:
        return span[0], span[1]
    known = [value for row in chart["values"] for value in row if value is not None]
    return (min(known), max(known)) if known else (0.0, 1.0)


def _row(chart: chart_data.Heatmap, k: int, size: tuple[float, float], span: tuple[float, float]) -> list[SafeMarkup]:
    wide, high = size
    parts = []
    for c, value in enumerate(chart["values"][k]):
        if value is None:
            continue
        left, top = LEFT + c * wide, TOP + k * high
        strength = _strength(value, span)
        said = chart["text"][k][c] if chart["text"] else digits(value)
        hint = f"{chart['rows'][k]}, {chart['columns'][c]}: {said}"
        parts.append(
            element(
                "rect",
                *hints(hint),
                x=left,
                y=top,
                width=wide - 1,
                height=high - 1,
                class_="found",
                fill_opacity=strength,
            )
        )
        if wide >= WRITTEN and high >= 14:
            class_ = "cell strong" if strength > 0.6 else "cell"
            parts.append(
                text((left + wide / 2 - 0.5, top + high / 2 + 3.5), shortened(said, int(wide / 6)), class_, "middle")
            )
    return parts


def _strength(value: Number, span: tuple[float, float]) -> float:
    low, high = span
    return 0.06 + 0.94 * ((value or 0.0) - low) / (high - low) if high > low else 0.5


def _foot(chart: chart_data.Heatmap, wide: float, bottom: float) -> list[SafeMarkup]:
    columns = chart["columns"]
    longest = max((min(len(column), 8) for column in columns), default=1)
    skip = max(int((longest * 6.5 + 4) / wide) + 1, 1)
    marks = [
        text((LEFT + (c + 0.5) * wide, bottom + 14), shortened(column, 8), "tick", "middle")
        for c, column in enumerate(columns)
        if c % skip == 0
    ]
    corner = text((LEFT - 8, bottom + 14), shortened(chart["y"], 13), "label", "end")
    return [*marks, corner, text((LEFT + wide * len(columns) / 2, bottom + 32), chart["x"], "label", "middle")]
