"""Trajectories of entities that wait for one transition."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from datagen.columnar.block import Ints
from datagen.point_process.trajectory import OPEN, Trajectory


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
