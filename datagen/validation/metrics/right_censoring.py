"""Tests the share of times beyond the window, which are null, against the distribution of their delay."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Rows
from datagen.columnar.row_time import moments
from datagen.declarations.values import CensoringDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.metrics.distribution.metric import DistributionCase
from datagen.validation.metrics.null_rate import FEWEST
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable


@judges(CensoringDeclaration)
@dataclass(frozen=True, eq=False)
class RightCensoring(CensoringDeclaration):
    """Missing cells of `column` among those that are `due`; each has `left(rows)` until the window's end. `planted`
    multiplies the delays of `distribution`.
    """

    distribution: DistributionCase
    name: ClassVar[str] = "MissingShare"
    group: Group = "recovery"

    @classmethod
    def of(cls, declared: CensoringDeclaration) -> RightCensoring:
        """The metric of a declaration."""
        given = {one.name: getattr(declared, one.name) for one in fields(declared)}
        return cls(**{**given, "distribution": DistributionCase.of(declared.distribution)})

    def observe(self, part: Slice) -> Floats | None:
        """Rows that are due, missing ones, the sum of their probabilities and of the variances, (4,)."""
        block = part.block(self.table)
        if block is None:
            return None
        every = Rows(block)
        rows = every.take(np.flatnonzero(self.due(every)))
        missing = ~present(rows.column(self.column).valid, len(rows))
        chance = self._chance(rows)
        variance = chance * (1.0 - chance)
        return np.array([float(len(rows)), float(missing.sum()), float(chance.sum()), float(variance.sum())])

    def _chance(self, rows: Rows) -> Floats:
        """The probability that the delay is longer than the time left, shape (n,)."""
        left = self.left(rows)
        factor = self.planted.at(rows, moments(rows)) if self.planted.rate else np.ones(len(rows))
        divisor, power = self.distribution.moved(factor)
        inside = self.distribution.chance(left / divisor) ** power
        if self.distribution.high is not None:
            inside = np.where(left > self.distribution.high, 1.0, inside)
        if self.distribution.low is not None:
            inside = np.where(left <= self.distribution.low, 0.0, inside)
        return 1.0 - inside

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        rows, missing, chance, variance = state.tolist() if state is not None else (0.0, 0.0, 0.0, 0.0)
        planted = chance / max(rows, 1.0)
        size = max(min(planted, 1.0 - planted), 0.01)
        parameter = Parameter(self.table, self.column, self.name, "missing: not yet at the window's end", planted, size)
        if rows < FEWEST or self.planted.unobserved:
            return [not_identifiable(parameter, "too few rows, or a hidden multiplier acts on the delay")]
        return [compare(parameter, missing / rows, max(variance, 0.25) ** 0.5 / rows)]
