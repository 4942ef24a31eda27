"""Tests the number of transitions along each edge against its expectation under censoring.

For a hazard, the expectation is the cumulative hazard over all stays (the compensator of the counting process; Aalen 1978, "Nonparametric
inference for a family of counting processes"), so observed over expected is the maximum-likelihood hazard ratio. For a share, it is
the sum of the share times the chance that the stay ends before the window does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Rows
from datagen.declarations.processes import PlantedEdge, TransitionsDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.process_views import instants, state_codes
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

_FEWEST = 20
_SIZE = 0.5
"""A factor of 1.6 is the size of an effect: what is known worse than to half of that is not identifiable."""


@judges(TransitionsDeclaration)
@dataclass(frozen=True, eq=False)
class TransitionRecovery(TransitionsDeclaration):
    """The transitions of the stays in `table`, edge by edge."""

    name: ClassVar[str] = "TransitionRecovery"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Floats | None:
        """For each edge: stays, transitions, what is expected of them, and its variance, (edges, 4)."""
        block = part.block(self.table)
        if block is None or block.parent is None:
            return None
        state = state_codes(block.columns[self.shown["state"]], self.names)
        after = state_codes(block.columns[self.shown["next_state"]], self.names)
        entered, left = (instants(block.columns[self.shown[name]]) for name in ("entered_at", "left_at"))
        entities = Rows(block).up()
        found = []
        for edge in self.edges():
            at = np.flatnonzero((state == edge.origin) & (entered < self.end))
            until = np.minimum(left[at], self.end) if edge.until_left else np.full(len(at), self.end, np.int64)
            expected, variance = edge.expected(entities.take(at), entered[at], np.maximum(until, entered[at]))
            seen = np.count_nonzero(after[at] == edge.to)
            found.append((float(len(at)), float(seen), float(expected.sum()), float(variance.sum())))
        return np.array(found)

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        edges = self.edges()
        return [self._finding(edge, None if state is None else state[k]) for k, edge in enumerate(edges)]

    def _finding(self, edge: PlantedEdge, sums: Floats | None) -> Finding:
        subject = f"{self.names[edge.origin]} to {self.names[edge.to]} ({edge.unit})"
        parameter = Parameter(self.table, self.shown["next_state"], self.name, subject, edge.planted, _SIZE, log=True)
        if edge.unseen:
            return not_identifiable(parameter, "a hidden multiplier acts on it")
        if sums is None or sums[0] < _FEWEST or sums[2] <= 0.0:
            return not_identifiable(parameter, "there are too few stays")
        _, seen, expected, variance = sums.tolist()
        details = {"stays": sums[0], "transitions": seen, "expected": expected}
        return compare(parameter, edge.planted * seen / expected, variance**0.5 / expected, details)
