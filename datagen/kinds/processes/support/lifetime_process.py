"""Lives that a behavior gives entities, as a process of two states, so that views can show them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Block, Ints, Rows
from datagen.kinds.behaviors.support.birth_time import births
from datagen.kinds.behaviors.support.lifetime_behavior import LifetimeBehavior, Spells
from datagen.kinds.processes.base import Process
from datagen.kinds.processes.support.simulation import MemoizedSimulation
from datagen.point_process.effects import Entity
from datagen.point_process.trajectory import OPEN, Trajectory
from datagen.scope import Simulation

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope


class LifetimeProcess(Process):
    """What a behavior that ends lives does to an entity: `active` from birth on, then `inactive`, and active again if
    it comes back.

    The behavior is number `number` of its table. The document does not declare the process; every such behavior has it.
    """

    behavior: LifetimeBehavior
    number: int

    @property
    def implied(self) -> bool:
        return True

    @property
    def state_names(self) -> tuple[str, ...]:
        return ("active", "inactive")

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        return (("active", "inactive"), ("inactive", "active"))

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return self.behavior.needs(scope)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from ()  # problems of the behavior are reported at its own place

    def bind(self, scope: Scope) -> Simulation:
        assert scope.window is not None
        spells = self.behavior.spells(scope.behavior(self.number))
        return _LivesSimulation(births(scope, self.behavior.born), spells, scope.window.end, str(scope.keys))


@dataclass(frozen=True, eq=False)
class _LivesSimulation(MemoizedSimulation):
    born: Callable[[Entity], Ints]
    spells: Spells
    end: int
    name: str

    def simulated(self, parents: Block, end: int) -> Trajectory:
        """The stays between the beginnings and ends of spells; empty ones are left out."""
        rows = Rows(parents)
        spells = self.spells(rows)
        bounds = np.stack([time for spell in spells for time in spell] + [np.full(len(rows), OPEN)])
        bounds[0] = self.born(rows)
        entered, left = bounds[:-1].T, bounds[1:].T
        there = (left > entered) & (entered < end)
        state = np.broadcast_to(np.arange(entered.shape[1]) % 2, entered.shape)[there]
        counts = there.sum(axis=1)
        open_ = left[there] >= end
        return Trajectory(
            counts, state, entered[there], np.where(open_, OPEN, left[there]), np.where(open_, -1, 1 - state)
        )
