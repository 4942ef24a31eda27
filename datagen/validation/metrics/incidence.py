"""The share of entities that have made the only transition of a process, by calendar time, found and planted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats
from datagen.declarations.processes import IncidenceDeclaration
from datagen.random.math.elementary import expm1
from datagen.time_units import HOUR, UNIT_HOURS
from datagen.validation.metrics.base import Finding, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.transitions import StaysMetric
from datagen.validation.report import chart_data

_POINTS = 49
_MOST = 5_000
"""The most entities of a slice that are looked at, evenly spread."""


@judges(IncidenceDeclaration)
@dataclass(frozen=True, eq=False)
class Incidence(StaysMetric, IncidenceDeclaration):
    """The state holds, at evenly spaced times, how many entities have made the transition, how many are expected to,
    and how many were looked at, (3, times). An entity with cumulative hazard H since it came has made it with chance
    1 - exp(-H).

    Nothing is judged here: `TransitionRecovery` does that.
    """

    name: ClassVar[str] = "Incidence"

    def observe(self, part: Slice) -> Floats | None:
        stays, edge = self.stays(part), self.edge()
        if stays is None:
            return None
        at = np.flatnonzero(stays.state == edge.origin)
        some = stays.take(at[:: -(-len(at) // _MOST) or 1])
        found, expected = np.zeros(_POINTS), np.zeros(_POINTS)
        for number, time in enumerate(self._times.tolist()):
            found[number] = np.count_nonzero((some.after == edge.to) & (some.left <= time))
            seen = replace(some.seen, until=np.maximum(some.seen.entered, np.minimum(time, some.seen.until)))
            expected[number] = np.nan if edge.unobserved else -expm1(-edge.expected(seen)[0]).sum()
        return np.array([found, expected, np.full(_POINTS, float(len(some)))])

    @property
    def _times(self) -> Floats:
        return np.linspace(self.start, self.end, _POINTS).astype(np.int64)

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        if state is None or not state[2, 0]:
            return []
        edge = self.edge()
        found, planted, entities = state
        share = found / entities
        error = 1.96 * (share * (1.0 - share) / entities) ** 0.5
        origin, to = self.names[edge.origin], self.names[edge.to]
        chart = chart_data.curve(
            f"{self.table}: share {to}", (self._times - self.start) / (HOUR * UNIT_HOURS["month"]), share,
            None if edge.unobserved else planted / entities, (share - error, share + error),
            x="months since the window's start", y=f"share of the entities that went from {origin} to {to}",
        )  # fmt: skip
        message = f"{share[-1]:.1%} of {int(entities[0]):,} entities went from {origin} to {to}"
        return [
            Finding("time", self.name, self.table, self.shown["left_at"], "pass", message, weight=0.0, details=chart)
        ]
