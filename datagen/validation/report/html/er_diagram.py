"""The entity-relationship diagram: tables as boxes in their families, foreign keys as lines with a crow's foot."""

from __future__ import annotations

from datagen.validation.report.html.er_layout import BESIDE, HEAD, LINE, WIDTH, Family, Layout, PlacedTable, layout_of
from datagen.validation.report.html.er_relations import Link, Relations
from datagen.validation.report.html.svg import SafeMarkup, drawing, element, hints, line, text
from datagen.validation.report.number_format import shortened, whole

EDGE = 10.0
COLORS = 6
"""Lines to different tables have different colours, named `to-0` to `to-5` in the style sheet."""


def diagram(relations: Relations) -> SafeMarkup:
    """The whole picture; lines are below the boxes, so that they cross no name."""
    layout = layout_of(relations)
    colors = {
        to: k % COLORS for k, to in enumerate(dict.fromkeys(link.to for link in relations.links if not link.child))
    }
    parts = [_family(family) for family in layout.families]
    parts += [_line(link, layout, colors) for link in relations.links]
    parts += [_table(place) for place in layout.places.values()]
    moved = element("g", *parts, transform=f"translate({EDGE} {EDGE})")
    size = (layout.width + 2 * EDGE + 24, layout.height + 2 * EDGE)
    return drawing(size, "entity-relation diagram", [moved], "chart diagram", f"width: {size[0]:.0f}px")


def _family(family: Family) -> SafeMarkup:
    if len(family.places) == 1:
        return SafeMarkup("")
    corner, size = (family.x, family.y), (family.width, family.height)
    return element("rect", x=corner[0], y=corner[1], width=size[0], height=size[1], rx=12, class_="family")


def _table(place: PlacedTable) -> SafeMarkup:
    x, y, table = place.x, place.y, place.box
    rows = "" if table.rows is None else whole(table.rows)
    name = shortened(table.name, int((WIDTH - 32 - 6.4 * len(rows)) / 8))
    parts = [
        element("rect", x=x, y=y, width=WIDTH, height=place.height, rx=6, class_="entity"),
        text((x + 10, y + 18), name, "entity-name"),
        text((x + WIDTH - 10, y + 18), rows, "entity-rows", "end"),
        line((x, y + HEAD), (x + WIDTH, y + HEAD), "entity-rule"),
    ]
    for k, column in enumerate(table.lines):
        sign = "PK" if column == table.key else "FK"
        parts += [
            text((x + 10, _row(place, k) + 4), sign, "entity-sign"),
            text((x + 34, _row(place, k) + 4), shortened(column, 20), "entity-column"),
        ]
    if table.others:
        message = f"+ {table.others} column{'s' if table.others > 1 else ''}"
        parts.append(text((x + 34, _row(place, len(table.lines)) + 4), message, "entity-more"))
    return element("a", *hints(f"{table.name}: {rows or 'no'} rows"), *parts, href=f"#table-{table.name}")


def _row(place: PlacedTable, k: int) -> float:
    """The height of the k-th line below the name."""
    return place.y + HEAD + LINE * (k + 0.5) + 4


def _line(link: Link, layout: Layout, colors: dict[str, int]) -> SafeMarkup:
    one, to = layout.places[link.table], layout.places[link.to]
    lines = one.box.lines
    start = _row(one, lines.index(link.column)) if link.column in lines else one.y + HEAD / 2
    end = to.y + HEAD / 2 if to.box.key is None else _row(to, 0)
    message = f"{link.table}.{link.column or '(parent)'} holds a key of {link.to}"
    if link.child:
        return _joined("child", message, _elbow((one.x, start), (to.x + WIDTH, end)), _foot((one.x, start), -1))
    course, side = _course(one, to, start, end)
    between = _between(one, to, layout)
    if between and to.x >= one.x + WIDTH:
        course = _around(between, (one.x + WIDTH, start), (to.x, end), 3.0 * colors[link.to])
    color = f"reference to-{colors[link.to]}"
    return _joined(color, message, course, _foot((one.x + (WIDTH if side > 0 else 0), start), side))


def _between(one: PlacedTable, to: PlacedTable, layout: Layout) -> list[PlacedTable]:
    """The tables of the same family that a line to the right would cross."""
    own = next(family for family in layout.families if one.box.name in family.places)
    right = [layout.places[name] for name in own.places if one.x + WIDTH <= layout.places[name].x < to.x]
    low, high = one.y, one.y + one.height
    return [
        place for place in right if place.box.name != to.box.name and place.y < high and place.y + place.height > low
    ]


def _around(between: list[PlacedTable], start: tuple[float, float], end: tuple[float, float], apart: float) -> str:
    """The path below the tables in between, or above them if that is closer."""
    (x, y), (there, last) = start, end
    top, bottom = min(place.y for place in between) - 4, max(place.y + place.height for place in between) + 4
    lane = bottom + apart if bottom - y <= y - top else top - apart
    first, past = min(place.x for place in between), max(place.x for place in between) + WIDTH
    enter, leave = (first - x) / 2, max((there - past) / 2, 30.0)
    return (
        f"M{x:.1f} {y:.1f}C{x + enter:.1f} {y:.1f} {first - enter:.1f} {lane:.1f} {first:.1f} {lane:.1f}H{past:.1f}"
        f"C{past + leave:.1f} {lane:.1f} {there - leave:.1f} {last:.1f} {there:.1f} {last:.1f}"
    )


def _joined(class_: str, message: str, *courses: str) -> SafeMarkup:
    return element("g", *hints(message), *(element("path", d=course) for course in courses), class_=f"link {class_}")


def _elbow(many: tuple[float, float], one: tuple[float, float]) -> str:
    middle = many[0] - BESIDE / 2
    return f"M{many[0]:.1f} {many[1]:.1f}H{middle:.1f}V{one[1]:.1f}H{one[0]:.1f}"


def _course(one: PlacedTable, to: PlacedTable, start: float, end: float) -> tuple[str, int]:
    """The curve from a foreign key to its key, and the side on which it leaves: 1 is right."""
    if to.x >= one.x + WIDTH:
        x, there, side = one.x + WIDTH, to.x, 1
        bend = max((there - x) / 2, 30.0)
        return (
            f"M{x:.1f} {start:.1f}C{x + bend:.1f} {start:.1f} {there - bend:.1f} {end:.1f} {there:.1f} {end:.1f}",
            side,
        )
    if to.x + WIDTH <= one.x:
        x, there, side = one.x, to.x + WIDTH, -1
        bend = max((x - there) / 2, 30.0)
        return (
            f"M{x:.1f} {start:.1f}C{x - bend:.1f} {start:.1f} {there + bend:.1f} {end:.1f} {there:.1f} {end:.1f}",
            side,
        )
    x, there = one.x + WIDTH, to.x + WIDTH
    out = max(x, there) + 34
    return f"M{x:.1f} {start:.1f}C{out:.1f} {start:.1f} {out:.1f} {end:.1f} {there:.1f} {end:.1f}", 1


def _foot(at: tuple[float, float], side: int) -> str:
    """A crow's foot: many rows on this side."""
    x, y = at
    return f"M{x:.1f} {y - 5:.1f}L{x + 9 * side:.1f} {y:.1f}L{x:.1f} {y + 5:.1f}"
