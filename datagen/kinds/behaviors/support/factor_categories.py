"""Groups hours into categories that validation can estimate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints
from datagen.point_process.effects import Entity, Grid
from datagen.point_process.factors import Timed, by_level
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.scope import Scope

Group = Callable[[Entity], Ints] | None


def seen(scope: Scope) -> Bools:
    """Which cells of the grid are in the window, bool (cells,)."""
    grid, window = scope.grid(), scope.window
    if window is None:
        return np.ones(grid.cells, np.bool_)
    return (grid.edges[1:] > window.start) & (grid.edges[:-1] < window.end)


def levels(scope: Scope, name: str, factor: Floats, group: Group = None) -> tuple[Timed, ...]:
    """A factor by the level of its multiplier, float64 (groups, cells). None if all cells of the window are equal."""
    inside = seen(scope)
    codes = np.full(factor.shape, -1, np.int64)
    widths = np.tile(scope.grid().widths[inside], len(factor))
    found, planted, labels = by_level(factor[:, inside].ravel(), widths)
    codes[:, inside] = found.reshape(len(factor), -1)
    return (Timed(name, labels, planted, codes=codes, group=group),) if len(planted) > 1 else ()


def spans(grid: Grid, window: tuple[int, int], most: int) -> tuple[Ints, Floats]:
    """The window (microseconds) in at most `most` equal spans of at least 30 days: code of each cell,
    middles in hours.
    """
    begin, end = window[0] / HOUR, window[1] / HOUR
    number = int(np.clip((end - begin) / 720.0, 1, most))
    width = (end - begin) / number
    codes = np.floor((grid.middles - begin) / width).astype(np.int64)
    codes[(codes < 0) | (codes >= number)] = -1
    middles: Floats = begin + (np.arange(float(number)) + 0.5) * width
    return codes, middles
