"""What tests of gaps share: parents exposed on a clock, and their events under a law."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.kinds.interarrival.base import Interarrival, Setting
from datagen.point_process.cumulative_intensity import CumulativeIntensity
from datagen.point_process.effects import Aging
from datagen.point_process.exposure import cells
from datagen.point_process.process import Events, Process, ProcessInput
from datagen.random.streams import Stream, mix
from datagen.registry import load
from datagen.time_units import HOUR

load()
FIRST = 400_000
YEAR = 8760


class Named:
    """As much of a planned place as a law of gaps asks for."""

    def __init__(self, seed: int = 1) -> None:
        self.seed = seed

    def stream(self, *purpose: str) -> Stream:
        return Stream.named(self.seed, *purpose)


def process(declared: dict[str, Any], hours: int = YEAR, weights: np.ndarray | None = None, seed: int = 1) -> Process:
    """A law of gaps from hour FIRST on, on a clock that is even unless weights are given for (at least) these hours."""
    clock = CumulativeIntensity.of(FIRST, np.ones(hours) if weights is None else weights)
    setting = Setting(clock, FIRST * HOUR, (FIRST + hours) * HOUR, 0.01)
    return Interarrival.parse(declared).process(setting, Named(seed))  # type: ignore[arg-type]


def exposed(
    distribution: Process,
    parents: int,
    base: float | np.ndarray,
    born: np.ndarray | None = None,
    aging: Aging | None = None,
) -> ProcessInput:
    """Parents with these rates per hour, from birth (or the start of the window) to its end."""
    start = np.full(parents, distribution.start) if born is None else np.maximum(born, distribution.start)
    end = np.full(parents, distribution.horizon)
    ages = [] if aging is None else [(start if born is None else born, aging)]
    found = cells(distribution.clock, [(start, end)], ages)
    return ProcessInput(
        mix(np.arange(parents, dtype=np.uint64)), np.broadcast_to(base, parents).astype(float), tuple(found)
    )


def by_parent(events: Events) -> list[np.ndarray]:
    """The times of each parent's events, in hours since FIRST."""
    return np.split(events.times / HOUR - FIRST, np.cumsum(events.counts)[:-1])
