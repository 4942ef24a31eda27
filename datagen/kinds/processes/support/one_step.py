"""Processes of one transition: entities wait, and adopt once or never."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Floats, Ints
from datagen.declarations.processes import DeclaredTransition, LatentMultiplier, ObservedStays
from datagen.kinds.processes.base import EDGE, Process, Target
from datagen.point_process.trajectory import OPEN, Trajectory

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.point_process.ground_truth import GroundTruth
    from datagen.scope import Scope

WAITING, ADOPTED = "waiting", "adopted"
_TRANSITION = f"{WAITING}{EDGE}{ADOPTED}"


def transition(scope: Scope) -> str:
    """The target of multipliers on the hazard of the process at `scope`."""
    return f"{scope.keys[3]}.{_TRANSITION}"


class OneStepProcess(Process):
    """A process with the states waiting and adopted, whose hazard can be multiplied."""

    @property
    def state_names(self) -> tuple[str, ...]:
        return WAITING, ADOPTED

    @property
    def edges(self) -> tuple[tuple[str, str], ...]:
        return ((WAITING, ADOPTED),)

    def targets(self) -> Mapping[str, Target]:
        return {_TRANSITION: "hazard"}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if scope.window is None:
            yield scope.problem("no-window", "a process needs a window", "write 'window' with start and end")


@dataclass(frozen=True, eq=False)
class OneStepRecovery:
    """How the multipliers of the hazard are recovered."""

    scope: Scope

    @property
    def truth(self) -> GroundTruth:
        return self.scope.planted_multipliers(transition(self.scope))

    @property
    def latent(self) -> LatentMultiplier | None:
        return None

    def edges(self) -> Iterable[DeclaredTransition]:
        yield DeclaredTransition(0, 1, 1.0, "hazard ratio", self.expected, True, bool(self.truth.unobserved))

    @abstractmethod
    def expected(self, seen: ObservedStays) -> tuple[Floats, Floats]:
        """The adoptions expected of each stay and their variance, shape (n,) each."""


def one_step(born: Ints, left: Ints, end: int, values: Mapping[str, Ints]) -> Trajectory:
    """The stays of n entities in state 0 from birth, and in state 1 from the time when they left it, censored at `end`.

    Times are microseconds, shape (n,); `values` are the codes of attributes, which entities keep, shape (n,) each.
    """
    there = born < end
    moved = there & (left < end)
    counts = there.astype(np.int64) + moved
    first = (np.cumsum(counts) - counts)[there]
    second = first[moved[there]] + 1
    stays = int(counts.sum())
    state, entered = np.zeros(stays, np.int64), np.zeros(stays, np.int64)
    until, after = np.full(stays, OPEN, np.int64), np.full(stays, -1, np.int64)
    entered[first] = born[there]
    until[first[moved[there]]], after[first[moved[there]]] = left[moved], 1
    state[second], entered[second] = 1, left[moved]
    owner = np.repeat(np.arange(len(born)), counts)
    return Trajectory(counts, state, entered, until, after, values={n: codes[owner] for n, codes in values.items()})
