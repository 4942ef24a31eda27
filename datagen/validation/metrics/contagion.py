"""The rates p and q of a contagion within communities, by maximum likelihood.

The hazard of a member is p + q times the share of its community that has adopted. One step of Newton's method from the
planted rates gives an efficient estimate of both and their errors (Andersen, Borgan, Gill and Keiding 1993,
"Statistical Models Based on Counting Processes", chapter VI).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats
from datagen.declarations.processes import ContagionDeclaration
from datagen.time_units import UNIT_HOURS
from datagen.validation.metrics.base import Finding, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.transitions import StaysMetric
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

_FEWEST = 30


@judges(ContagionDeclaration)
@dataclass(frozen=True, eq=False)
class ContagionRates(StaysMetric, ContagionDeclaration):
    """The state has the adoptions, the score of both rates and their information (3 figures), shape (6,)."""

    name: ClassVar[str] = "ContagionRates"

    def observe(self, part: Slice) -> Floats | None:
        stays = self.stays(part)
        if stays is None or self.unobserved:
            return None
        some = stays.take(np.flatnonzero(stays.state == 0))
        owner = some.seen.rows.block.parent_row
        if owner is None:
            return None
        community = owner if some.seen.rows.at is None else owner[some.seen.rows.at]
        left = np.maximum(np.minimum(some.left, self.end), some.seen.entered)
        exposed, hours = self.exposure(some.seen.rows, community, some.seen.entered, left), UNIT_HOURS[self.unit]
        share = exposed.share[some.after == 1]
        hazard = self.p + self.q * share
        score = [(1.0 / hazard).sum() - exposed.hours.sum() / hours]
        score.append((share / hazard).sum() - exposed.shared.sum() / hours)
        information = [(share**power / hazard**2).sum() for power in range(3)]
        return np.array([len(share), *score, *information])

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        found = []
        step, error = np.zeros(2), np.full(2, np.inf)
        if state is not None and state[0] >= _FEWEST:
            pp, pq, qq = state[3:]
            inverse = np.array([[qq, -pq], [-pq, pp]]) / max(pp * qq - pq * pq, 1e-300)
            step, error = inverse @ state[1:3], np.sqrt(np.maximum(np.diag(inverse), 0.0))
        for number, (name, planted) in enumerate((("p", self.p), ("q", self.q))):
            subject = f"{name} per {self.unit}"
            parameter = Parameter(self.table, self.shown["left_at"], self.name, subject, planted, planted)
            if state is None or state[0] < _FEWEST:
                reason = "multipliers that no column shows act on it" if self.unobserved else "there are few adoptions"
                found.append(not_identifiable(parameter, reason))
            else:
                found.append(compare(parameter, float(planted + step[number]), float(error[number])))
        return found
