"""The trajectories of entities that end before the window does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Block, Column, Ints, Rows
from datagen.point_process.trajectory import OPEN, Trajectory
from datagen.time_units import DAY

if TYPE_CHECKING:
    from datagen.scope import Simulation


def ends_of(cells: Column, end: int) -> Ints:
    """When entities end by a column of times, int64 microseconds, shape (n,); `OPEN` where it is missing or at or
    beyond `end`.
    """
    times: Ints = cells.data * DAY if cells.type.name == "date" else cells.data
    known = times < end if cells.valid is None else cells.valid & (times < end)
    return np.where(known, times, OPEN)


@dataclass(frozen=True, slots=True, eq=False)
class EndedSimulation:
    """A simulation of which each entity ends at its own time."""

    simulate: Simulation
    ends: Callable[[Block, int], Ints]
    end: int
    name: str

    @classmethod
    def of(cls, simulate: Simulation, column: str, end: int, name: str) -> EndedSimulation:
        """Entities end at the times in their `column`, and the window at `end`."""
        return cls(simulate, lambda parents, last: ends_of(Rows(parents).column(column), last), end, name)

    def __call__(self, parents: Block) -> Trajectory:
        """The trajectory of a block of entities, censored at the window's end."""
        return self.until(parents, self.end)

    def until(self, parents: Block, end: int) -> Trajectory:
        """The same, censored at another instant (microseconds)."""
        whole = self.simulate.until(parents, end)
        found: Trajectory = parents.once((self.name, "ended", end), lambda: whole.ended(self.ends(parents, end)))
        return found
