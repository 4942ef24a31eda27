"""A state diagram: states from top to bottom, transitions as arcs, to the right where they lead down and to the left
where they lead up.
"""

from __future__ import annotations

from datagen.validation.report import chart_data
from datagen.validation.report.html.svg import SafeMarkup, box, drawing, element, hints, text
from datagen.validation.report.number_format import shortened, show

WIDTH = 340.0
STEP = 46.0
HIGH = 24.0
WIDE = 104.0
LEFT = (WIDTH - WIDE) / 2
THICKEST = 7.0


def draw(chart: chart_data.StateDiagram) -> SafeMarkup:
    """Arcs are as thick as the share of the stays in their state that end so; what is planted shows on
    the arc's hint.
    """
    edges = range(len(chart["origin"]))
    arcs = [_arc(chart, k) for k in edges]
    nodes = [part for k, name in enumerate(chart["states"]) for part in _node(k, name)]
    labels = [part for k in edges for part in _label(chart, k)]
    size = (WIDTH, STEP * len(chart["states"]) + 8)
    return drawing(size, f"state diagram: {chart['title']}", [*arcs, *nodes, *labels])


def _node(number: int, name: str) -> list[SafeMarkup]:
    top = number * STEP + 8
    middle = (WIDTH / 2, top + HIGH / 2 + 4)
    return [box((LEFT, top), (WIDE, HIGH), "state", name), text(middle, shortened(name, 15), "name", "middle")]


def _ends(chart: chart_data.StateDiagram, k: int) -> tuple[int, int]:
    return int(chart["origin"][k] or 0), int(chart["to"][k] or 0)


def _apex(chart: chart_data.StateDiagram, k: int) -> tuple[float, float]:
    """Where an arc is farthest from the states."""
    origin, to = _ends(chart, k)
    down = to > origin
    reach = 14.0 + min(abs(to - origin), 5) * 12.0
    x = LEFT + WIDE + reach if down else LEFT - reach
    return x, (origin + to) / 2 * STEP + 8 + HIGH / 2


def _arc(chart: chart_data.StateDiagram, k: int) -> SafeMarkup:
    origin, to = _ends(chart, k)
    x, _ = _apex(chart, k)
    side = LEFT + WIDE if to > origin else LEFT
    start, end = origin * STEP + 8 + HIGH * 0.6, to * STEP + 8 + HIGH * (0.9 if to == origin else 0.4)
    bend = side + (x - side) * 4 / 3
    found = chart["found"][k] or 0.0
    shape = f"M{side:.1f} {start:.1f}C{bend:.1f} {start:.1f} {bend:.1f} {end:.1f} {side:.1f} {end:.1f}"
    width = 0.8 + THICKEST * min(max(found, 0.0), 1.0)
    return element("path", *hints(_words(chart, k)), d=shape, class_="arc", stroke_width=width)


def _label(chart: chart_data.StateDiagram, k: int) -> list[SafeMarkup]:
    """The share on the arc, in front of it where it leads down and behind it where it leads up."""
    origin, to = _ends(chart, k)
    x, y = _apex(chart, k)
    anchor = "start" if to > origin else "end"
    return [text((x + (3 if to > origin else -3), y + 3), show(chart["found"][k], "share"), "tick", anchor)]


def _words(chart: chart_data.StateDiagram, k: int) -> str:
    origin, to = (chart["states"][end] for end in _ends(chart, k))
    planted = chart["planted"][k]
    beside = "" if planted is None else f", planted {show(planted, 'share')}"
    return f"{origin} to {to}: found {show(chart['found'][k], 'share')}{beside}"
