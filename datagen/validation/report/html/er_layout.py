"""The layout of the diagram: families side by side, referenced families further right.

Inside a family, children are right of their parent, one below the other. Families that refer to others are left of them
(longest path; a cycle is cut at its last edge), so that most lines run from left to right.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from datagen.validation.report.html.er_relations import Box, Relations

WIDTH = 212.0
HEAD = 28.0
LINE = 17.0
APART = 18.0
BESIDE = 44.0
BETWEEN = 72.0
PAD = 14.0
TALL = 900.0
"""A column of families is split if it grows taller than this."""


@dataclass(frozen=True, slots=True)
class PlacedTable:
    """A table with its upper left corner."""

    box: Box
    x: float
    y: float

    @property
    def height(self) -> float:
        return height_of(self.box)


@dataclass(slots=True)
class Family:
    """The tables of one family, relative to (0, 0); `x` and `y` are the position of the family."""

    root: str
    places: dict[str, PlacedTable]
    width: float
    height: float
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Layout:
    """All families and tables with their positions, and the size of the drawing."""

    families: list[Family]
    places: dict[str, PlacedTable]
    width: float
    height: float


def height_of(box: Box) -> float:
    """The height of a table: its name, its keys and one line for the other columns."""
    return HEAD + LINE * (len(box.lines) + (box.others > 0)) + 8


def layout_of(relations: Relations) -> Layout:
    """The positions of all tables."""
    families = {root: _family(root, relations) for root in dict.fromkeys(relations.root.values())}
    columns = [part for layer in _layers(families, relations) for part in _broken(layer)]
    tallest = max((_tall(column) for column in columns), default=0.0)
    x = 0.0
    for column in columns:
        y = (tallest - _tall(column)) / 2
        for family in column:
            family.x, family.y = x, y
            y += family.height + APART
        x += max(family.width for family in column) + BETWEEN
    places = {
        name: replace(place, x=place.x + family.x, y=place.y + family.y)
        for family in families.values()
        for name, place in family.places.items()
    }
    return Layout(list(families.values()), places, max(x - BETWEEN, 1.0), max(tallest, 1.0))


def _tall(column: list[Family]) -> float:
    return sum(family.height for family in column) + APART * (len(column) - 1)


def _broken(layer: list[Family]) -> list[list[Family]]:
    columns: list[list[Family]] = [[]]
    for family in layer:
        if columns[-1] and _tall([*columns[-1], family]) > TALL:
            columns.append([])
        columns[-1].append(family)
    return columns


# --- inside a family
# -----------------------------------------------------------------------------------------------------


def _family(root: str, relations: Relations) -> Family:
    children: dict[str, list[str]] = {}
    for name, parent in relations.parent.items():
        if parent is not None and relations.root[name] == root and name != root:
            children.setdefault(parent, []).append(name)
    places: dict[str, PlacedTable] = {}
    pad = PAD if children.get(root) else 0.0  # a single table needs no frame
    bottom = _branch(root, (pad, pad), relations, children, places)
    width = max(place.x for place in places.values()) + WIDTH + pad
    return Family(root, places, width, bottom + pad)


def _branch(
    name: str,
    corner: tuple[float, float],
    relations: Relations,
    children: dict[str, list[str]],
    places: dict[str, PlacedTable],
) -> float:
    """Places a table and its children to its right; returns the lower end."""
    x, top = corner
    y = top
    for child in children.get(name, ()):
        y = _branch(child, (x + WIDTH + BESIDE, y), relations, children, places) + APART
    box = relations.boxes[name]
    below = max(y - APART, top)
    own = top + max((below - top - height_of(box)) / 2, 0.0)
    places[name] = PlacedTable(box, x, own)
    return max(below, own + height_of(box))


# --- families among each other
# ---------------------------------------------------------------------------------------------


def _layers(families: dict[str, Family], relations: Relations) -> list[list[Family]]:
    """Families from left to right: each is left of those that it refers to, and close to its
    neighbours in its column.
    """
    refers = {root: {to for one, to in _pairs(relations) if one == root} for root in families}
    depth: dict[str, int] = {}
    for root in families:
        _deepen(root, refers, depth, ())
    deepest = max(depth.values(), default=0)
    layers: list[list[Family]] = [[] for _ in range(deepest + 1)]
    for root, family in families.items():
        layers[deepest - depth[root]].append(family)
    for left, right in pairwise(layers):
        order = {family.root: k for k, family in enumerate(left)}
        right.sort(key=lambda family: _middle(family.root, relations, order))
    return layers


def _pairs(relations: Relations) -> set[tuple[str, str]]:
    found = {(relations.root[link.table], relations.root[link.to]) for link in relations.links}
    return {(one, to) for one, to in found if one != to}


def _deepen(root: str, refers: dict[str, set[str]], depth: dict[str, int], above: tuple[str, ...]) -> int:
    """The longest path from a family along its references; a path ends where it closes a cycle."""
    if root in depth:
        return depth[root]
    below = [
        _deepen(to, refers, depth, (*above, root)) for to in sorted(refers[root]) if to != root and to not in above
    ]
    depth[root] = 1 + max(below, default=-1)
    return depth[root]


def _middle(root: str, relations: Relations, order: dict[str, int]) -> float:
    """The mean position of the families further left that refer to this one."""
    found = [order[one] for one, to in _pairs(relations) if to == root and one in order]
    return sum(found) / len(found) if found else len(order)
