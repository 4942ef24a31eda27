"""A state diagram: states from top to bottom, transitions as arcs, to the right where they lead down and to the left
where they lead up.
"""

from __future__ import annotations

from datagen.validation.report import chart_data
from datagen.validation.report.html.svg import SafeMarkup, box, drawing, element, hints, text
from datagen.validation.report.number_format import shortened, show

WIDTH = 340.0
STEP = 60.0
HIGH = 24.0
WIDE = 96.0
LEFT = (WIDTH - WIDE) / 2
THICKEST = 7.0
_TRIED = tuple(0.5 + 0.025 * ((step + 1) // 2) * (-1) ** step for step in range(33))
"""Positions along an arc at which its shares may be written."""


def draw(chart: chart_data.StateDiagram) -> SafeMarkup:
    """The width of an arc is the share of the stays in its state that end this way; the planted share is written below
    the found one.
    """
    edges = range(len(chart["origin"]))
    arcs = [_arc(chart, k) for k in edges]
    nodes = [part for k, name in enumerate(chart["states"]) for part in _node(k, name)]
    labels = [part for k, place in zip(edges, _places(chart), strict=True) for part in _label(chart, k, place)]
    size = (WIDTH, STEP * len(chart["states"]) + 8)
    return drawing(size, f"state diagram: {chart['title']}", [*arcs, *nodes, *labels])


def _node(number: int, name: str) -> list[SafeMarkup]:
    top = number * STEP + 8
    middle = (WIDTH / 2, top + HIGH / 2 + 4)
    return [box((LEFT, top), (WIDE, HIGH), "state-box", name), text(middle, shortened(name, 15), "name", "middle")]


def _ends(chart: chart_data.StateDiagram, k: int) -> tuple[int, int]:
    return int(chart["origin"][k] or 0), int(chart["to"][k] or 0)


def _apex(chart: chart_data.StateDiagram, k: int) -> tuple[float, float]:
    """Where an arc is farthest from the states."""
    origin, to = _ends(chart, k)
    down = to > origin
    reach = 12.0 + min(abs(to - origin), 5) * 16.0
    x = LEFT + WIDE + reach if down else LEFT - reach
    return x, (origin + to) / 2 * STEP + 8 + HIGH / 2


def _bend(chart: chart_data.StateDiagram, k: int) -> tuple[float, float, float, float]:
    """The side at which an arc begins and ends, how far its control points are, and the heights of both ends."""
    origin, to = _ends(chart, k)
    x, _ = _apex(chart, k)
    side = LEFT + WIDE if to > origin else LEFT
    start, end = origin * STEP + 8 + HIGH * 0.6, to * STEP + 8 + HIGH * (0.9 if to == origin else 0.4)
    return side, side + (x - side) * 4 / 3, start, end


def _arc(chart: chart_data.StateDiagram, k: int) -> SafeMarkup:
    side, bend, start, end = _bend(chart, k)
    found = chart["found"][k] or 0.0
    shape = f"M{side:.1f} {start:.1f}C{bend:.1f} {start:.1f} {bend:.1f} {end:.1f} {side:.1f} {end:.1f}"
    width = 0.8 + THICKEST * min(max(found, 0.0), 1.0)
    return element("path", *hints(_words(chart, k)), d=shape, class_="arc", stroke_width=width)


def _places(chart: chart_data.StateDiagram) -> list[tuple[float, float]]:
    """The positions of the shares of each arc: on it, nearest to its middle without covering others; long arcs last."""
    found: dict[int, tuple[float, float]] = {}
    ends = [_ends(chart, k) for k in range(len(chart["origin"]))]
    for k in sorted(range(len(ends)), key=lambda k: (abs(ends[k][1] - ends[k][0]), ends[k])):
        tried = [_along(chart, k, part) for part in _TRIED]
        free = (at for at in tried if all(abs(at[0] - x) > 30 or abs(at[1] - y) > 21 for x, y in found.values()))
        found[k] = next(free, tried[0])
    return [found[k] for k in range(len(ends))]


def _along(chart: chart_data.StateDiagram, k: int, part: float) -> tuple[float, float]:
    """The point at a part of an arc."""
    side, bend, start, end = _bend(chart, k)
    weight = 3 * part * (1 - part)
    return side + (bend - side) * weight, start + (end - start) * (3 * part**2 - 2 * part**3)


def _label(chart: chart_data.StateDiagram, k: int, at: tuple[float, float]) -> list[SafeMarkup]:
    """The shares, in front of the arc where it leads down and behind it where it leads up."""
    origin, to = _ends(chart, k)
    x, anchor = (at[0] + 3, "start") if to > origin else (at[0] - 3, "end")
    shares = ((chart["found"][k], "tick over", -1), (chart["planted"][k], "tick over planted-text", 10))
    return [text((x, at[1] + down), _percent(share), class_, anchor) for share, class_, down in shares]


def _percent(value: chart_data.Number) -> str:
    return show(value, "share") if value is None or value < 0.01 else show(round(value, 2), "share")


def _words(chart: chart_data.StateDiagram, k: int) -> str:
    origin, to = (chart["states"][end] for end in _ends(chart, k))
    planted = chart["planted"][k]
    beside = "" if planted is None else f", planted {show(planted, 'share')}"
    return f"{origin} to {to}: found {show(chart['found'][k], 'share')}{beside}"
