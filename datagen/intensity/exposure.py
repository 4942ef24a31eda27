"""What n parents are exposed to: their operational time in cells of constant age multiplier.

Operational time is the clock's C. A cell is a stretch of it, the same number of cells for every parent, in the order of
time, some empty. The expected number of events of a parent between two instants is its base rate times the sum over its
cells of value x width: an entity born yesterday has a day's worth. Death and window bound the cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from datagen.block import Floats, Ints
from datagen.intensity.clock import Clock
from datagen.intensity.effects import Aging, Spell
from datagen.quantities import HOUR


@dataclass(frozen=True, slots=True, eq=False)
class Cell:
    """For each parent the stretch `[lower, upper)` of operational time, shape (n,) each, at one age multiplier."""

    lower: Floats
    upper: Floats
    value: float


@dataclass(frozen=True, slots=True, eq=False)
class Stretch:
    """The cells within one period: `partial[k]` is the expected number (at base rate 1) up to the end of cell k."""

    cells: tuple[Cell, ...]
    partial: tuple[Floats, ...]

    @property
    def total(self) -> Floats:
        return self.partial[-1]

    def locate(self, targets: Floats, owner: Ints) -> Floats:
        """The operational time at which each target, shape (m,), is reached; `owner` is its parent's position."""
        if len(self.cells) == 1:
            cell = self.cells[0]
            return np.minimum(cell.lower.take(owner) + targets * (1.0 / cell.value), cell.upper.take(owner))
        place = np.zeros(len(targets))
        before = np.zeros(len(targets))
        for cell, partial in zip(self.cells, self.partial, strict=True):
            end = partial.take(owner)
            inside = (targets >= before) & (targets < end)
            at = cell.lower.take(owner) + (targets - before) * (1.0 / cell.value)
            np.copyto(place, np.minimum(at, cell.upper.take(owner)), where=inside)
            before = end
        return place


def cells(clock: Clock, spells: list[Spell], agings: list[tuple[Ints, Aging]]) -> list[Cell]:
    """The cells of n parents exposed during `spells` (int64 microseconds, shape (n,) each), ages included."""
    found = [Cell(low, np.maximum(low, clock.at(end)), 1.0) for low, end in ((clock.at(s), e) for s, e in spells)]
    low, high = found[0].lower, np.maximum.reduce([cell.upper for cell in found])
    for born, effect in agings:
        edges = [np.clip(clock.at(born + round(float(e)) * HOUR), low, high) for e in effect.edges[1:]]
        bounds = [low, *edges, high]
        values = [float(v) for v in effect.values]
        found = [both for cell in found for both in _split(cell, bounds, values)]
    return found


def _split(cell: Cell, bounds: list[Floats], values: list[float]) -> list[Cell]:
    parts = []
    for (lower, upper), value in zip(pairwise(bounds), values, strict=True):
        begin = np.maximum(cell.lower, lower)
        finish = np.maximum(begin, np.minimum(cell.upper, upper))  # empty for who is not exposed then, never negative
        if cell.value * value > 0 and bool((finish > begin).any()):
            parts.append(Cell(begin, finish, cell.value * value))
    return parts


def within(found: Sequence[Cell], begin: Floats | float, finish: Floats | float) -> Stretch | None:
    """The cells cut to operational times `[begin, finish)`; None where no parent is exposed then.

    Of several periods, shape (periods,), each parent has one after the other: shapes are (parents x periods,).
    """
    kept: list[Cell] = []
    partial: list[Floats] = []
    for cell in found:
        lower, upper = (np.clip(edge[:, np.newaxis], begin, finish).reshape(-1) for edge in (cell.lower, cell.upper))
        width = upper - lower
        if bool((width > 0).any()):
            so_far = np.maximum(width, 0.0) * cell.value
            partial.append(so_far + partial[-1] if partial else so_far)
            kept.append(Cell(lower, upper, cell.value))
    return Stretch(tuple(kept), tuple(partial)) if kept else None
