"""A curve of age as steps of whole hours: few, narrow where the curve bends, each with the mean of the curve over it.

Where the steps lie depends on the curve alone, never on the window, so that a longer window changes no rate there was.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from datagen.block import Floats, Ints
from datagen.sampling.elementary import log

HORIZON = 40 * 8766
"""Hours; older entities stay at the last value."""

MOST = 48
_CHANGE = 0.06  # of the logarithm, within one step
_FINE = 48  # pieces in which an age is known when steps are sought


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """`values[k]` from age `edges[k]` (whole hours, edges[0] = 0) to the next edge, the last for good."""

    edges: Floats
    values: Floats

    @classmethod
    def merged(cls, edges: Floats, values: Floats) -> Steps:
        """Neighbours of equal value are one step: each step costs a cell of exposure."""
        new = np.concatenate(([True], values[1:] != values[:-1]))
        return cls(edges[new], values[new])


def stepped(curve: Callable[[Floats], Floats]) -> Steps:
    """A continuous curve (hours to multiplier) in at most 48 steps of about equal change."""
    grid = _grid()
    values = curve(grid)
    floor = 0.1 * float(np.cumsum(values)[-1]) / len(values)
    if floor <= 0.0:
        return Steps(np.zeros(1), np.zeros(1))
    change = np.cumsum(np.abs(np.diff(log(values + floor))))
    total = float(change[-1])
    number = min(max(int(np.ceil(total / _CHANGE)), 1), MOST)
    inner = np.searchsorted(change, np.arange(1, number) * (total / number)) + 1
    at = np.unique(np.concatenate(([0], np.minimum(inner, len(grid) - 2))))
    return Steps.merged(grid[at], _means(curve, values, at))


def _means(curve: Callable[[Floats], Floats], values: Floats, at: Ints) -> Floats:
    """The mean of the curve from each of these places of the grid to the next, by Simpson's rule between its hours."""
    grid = _grid()
    width = np.diff(grid)
    middle = curve((grid[1:] + grid[:-1]) * 0.5)
    area = np.concatenate(([0.0], np.cumsum((values[:-1] + values[1:] + middle * 4.0) * width * (1.0 / 6.0))))
    ends = np.append(at[1:], len(grid) - 1)
    means: Floats = (area[ends] - area[at]) / (grid[ends] - grid[at])
    return means


@lru_cache(1)
def _grid() -> Floats:
    """Whole hours up to the horizon, about 2 % apart."""
    hours, hour = [0], 1
    while hour <= HORIZON:
        hours.append(hour)
        hour += max(1, hour // _FINE)
    grid = np.array(hours, np.float64)
    grid.setflags(write=False)
    return grid
