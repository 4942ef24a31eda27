"""A heat map: one cell per row and column, darker for larger values; unknown cells are empty."""

from __future__ import annotations

from dataclasses import dataclass

from datagen.validation.report import chart_data
from datagen.validation.report.chart_data import Number
from datagen.validation.report.html.svg import SafeMarkup, drawing, element, hints, text
from datagen.validation.report.number_format import digits, shortened

TOP = 4.0
WRITTEN = 30.0
"""Cells of at least this width show their value."""
LETTER = 6.4
SLANTED = 0.72
"""The height of a slanted label, relative to its length."""


@dataclass(frozen=True, slots=True)
class _HeatmapLayout:
    """The layout of a heat map: labels left and below, cells of one size."""

    chart: chart_data.Heatmap
    left: float
    wide: float
    high: float
    letters: int

    @classmethod
    def of(cls, chart: chart_data.Heatmap, width: float, letters: int) -> _HeatmapLayout:
        longest = max((min(len(name), letters) for name in [*chart["rows"], chart["y"]]), default=4)
        left = longest * LETTER + 16
        wide = min((width - left - 8) / max(len(chart["columns"]), 1), 64.0)
        rows = len(chart["rows"])
        high = 22.0 if rows <= 24 else max(520.0 / rows, 9.0)
        return cls(chart, left, wide, high, letters)

    @property
    def bottom(self) -> float:
        return TOP + self.high * len(self.chart["rows"])

    @property
    def slanted(self) -> bool:
        """Whether the labels below are longer than their cells and still all shown, slanted: if they are few and no
        numbers.
        """
        names = self.chart["columns"]
        longest = max((len(name) for name in names), default=0)
        numbered = all(name.lstrip("-").replace(".", "", 1).isdigit() for name in names)
        return len(names) <= 40 and not numbered and longest * LETTER > self.wide - 4


def draw(chart: chart_data.Heatmap) -> SafeMarkup:
    """Rows downward, columns across."""
    return _drawn(_HeatmapLayout.of(chart, 1000.0, 24))


def draw_narrow(chart: chart_data.Heatmap) -> SafeMarkup:
    """The same for a small screen."""
    return _drawn(_HeatmapLayout.of(chart, 340.0, 12))


def fits(chart: chart_data.Heatmap) -> bool:
    """Whether the whole map is no wider than a small chart."""
    paper = _HeatmapLayout.of(chart, 1000.0, 24)
    return paper.left + paper.wide * len(chart["columns"]) <= 420.0


def _drawn(paper: _HeatmapLayout) -> SafeMarkup:
    chart, high = paper.chart, paper.high
    skip = max(int(12 / high) + (high < 12), 1)
    parts = [
        text((paper.left - 8, TOP + (k + 0.5) * high + 4), shortened(row, paper.letters), "tick", "end")
        for k, row in enumerate(chart["rows"])
        if k % skip == 0
    ]
    names, x_axis = _foot(paper)
    span = _range(chart)
    cells = [part for k in range(len(chart["rows"])) for part in _row(paper, k, span)]
    size = (max(paper.left + paper.wide * len(chart["columns"]) + 8, 300.0), paper.bottom + x_axis)
    return drawing(
        size, f"heat map: {chart['title']}", [*parts, *names, *cells], style=f"max-width: {size[0] * 1.1:.0f}px"
    )


def _range(chart: chart_data.Heatmap) -> tuple[float, float]:
    span = chart.get("span")
    if span and span[0] is not None and span[1] is not None:
        return span[0], span[1]
    known = [value for row in chart["values"] for value in row if value is not None]
    return (min(known), max(known)) if known else (0.0, 1.0)


def _row(paper: _HeatmapLayout, k: int, span: tuple[float, float]) -> list[SafeMarkup]:
    chart, wide, high = paper.chart, paper.wide, paper.high
    parts = []
    for c, value in enumerate(chart["values"][k]):
        if value is None:
            continue
        left, top = paper.left + c * wide, TOP + k * high
        strength = _strength(value, span)
        message = chart["text"][k][c] if chart["text"] else digits(value)
        hint = hints(f"{chart['rows'][k]}, {chart['columns'][c]}: {message}")
        size = {"width": wide - 1, "height": high - 1}
        parts.append(element("rect", *hint, x=left, y=top, **size, class_="found", fill_opacity=strength))
        if wide >= WRITTEN and high >= 14:
            class_ = "cell strong" if strength > 0.6 else "cell"
            place = (left + wide / 2 - 0.5, top + high / 2 + 3.5)
            parts.append(text(place, shortened(message, int(wide / 6)), class_, "middle"))
    return parts


def _strength(value: Number, span: tuple[float, float]) -> float:
    low, high = span
    share = ((value or 0.0) - low) / (high - low) if high > low else 0.5
    return 0.06 + 0.94 * min(max(share, 0.0), 1.0) if high > low else 0.5


def _foot(paper: _HeatmapLayout) -> tuple[list[SafeMarkup], float]:
    """The labels below, and their height."""
    chart, bottom = paper.chart, paper.bottom
    names = chart["columns"]
    corner = text((paper.left - 8, bottom + 14), shortened(chart["y"], paper.letters), "label", "end")
    middle = paper.left + paper.wide * len(names) / 2
    if paper.slanted:
        longest = max(min(len(name), paper.letters) for name in names)
        room = longest * LETTER * SLANTED + 14
        marks = [_slanted(paper, c) for c in range(len(names))]
    else:
        letters = max(int(paper.wide / 6.2), 8)
        most = max((min(len(name), letters) for name in names), default=1)
        skip = max(int((most * 6.5 + 4) / paper.wide) + 1, 1)
        marks = [
            text((paper.left + (c + 0.5) * paper.wide, bottom + 14), shortened(name, letters), "tick", "middle")
            for c, name in enumerate(names)
            if c % skip == 0
        ]
        room = 20.0
    if not chart["x"]:
        return [*marks, corner], room
    return [*marks, corner, text((middle, bottom + room + 12), chart["x"], "label", "middle")], room + 18


def _slanted(paper: _HeatmapLayout, c: int) -> SafeMarkup:
    x, y = paper.left + (c + 0.5) * paper.wide + 3, paper.bottom + 12
    name = shortened(paper.chart["columns"][c], paper.letters)
    turn = f"rotate(-45 {x:.1f} {y:.1f})"
    return element("text", name, x=x, y=y, class_="tick", text_anchor="end", transform=turn)
