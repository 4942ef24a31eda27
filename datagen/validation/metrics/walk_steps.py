"""Recovers the mean and the standard deviation of the steps of random walks."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Rows
from datagen.declarations.values import WalkStepsDeclaration
from datagen.random.math.normal import normal_cdf
from datagen.validation.metrics.autocorrelation import equal_by_chance, successive
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

FEWEST = 100
"""The fewest steps from which their mean and spread are estimated."""


_ROUNDED = 0.02
"""The largest rounding, in standard deviations of a step, with which relative steps are measured."""


@dataclass(frozen=True, slots=True)
class StepSums:
    """How many steps, their sum, and the sum of their squares, each less the declared mean."""

    steps: int
    total: float
    squares: float


@judges(WalkStepsDeclaration)
@dataclass(frozen=True, eq=False)
class WalkSteps(WalkStepsDeclaration):
    """Mean and standard deviation of the differences of successive rows below one parent, or of their logarithms.

    The standard errors are sd / sqrt(n) and sd / sqrt(2 n).
    """

    name: ClassVar[str] = "WalkSteps"
    group: ClassVar[Group] = "recovery"

    def observe(self, part: Slice) -> StepSums | None:
        block = part.block(self.table)
        if block is None or block.parent_row is None or not len(block):
            return None
        steps = self._steps(Rows(block))
        steps = steps[~np.isnan(steps)]
        return StepSums(len(steps), float(steps.sum()), float(steps.dot(steps)))

    def merge(self, one: StepSums, other: StepSums) -> StepSums:
        return StepSums(one.steps + other.steps, one.total + other.total, one.squares + other.squares)

    def findings(self, state: StepSums | None) -> list[Finding]:
        mean = Parameter(self.table, self.column, self.name, "mean of steps", self.mean, size=self.sd)
        spread = Parameter(self.table, self.column, self.name, "sd of steps", self.sd, size=self.sd)
        if state is None or state.steps < FEWEST:
            why = f"there are {0 if state is None else state.steps} steps"
            return [not_identifiable(mean, why), not_identifiable(spread, why)]
        n = state.steps
        return [
            compare(mean, self.mean + state.total / n, self.sd / math.sqrt(n)),
            compare(spread, math.sqrt(state.squares / n), self.sd / math.sqrt(2 * n)),
        ]

    def _steps(self, rows: Rows) -> Floats:
        """Each step less the declared mean, shape (n,); nan where it is unknown."""
        before, after = successive(rows, self.column)
        if self.relative:
            least = self.unit / (_ROUNDED * self.sd)  # below it, rounding hides the steps
            before = np.log(np.where(before > least, before, np.nan))
            after = np.log(np.where(after > 0, after, np.nan))
        return after - before - self.mean

    @property
    def repeated(self) -> float:
        """The largest probability that a cell is equal to the one before; 1 if it is not known."""
        return equal_by_chance(self.unit, self.sd) if self.unit and not self.relative else 1.0

    def places(self, rows: Rows) -> Floats:
        """The quantile of each step, shape (n,), nan where it is unknown."""
        return normal_cdf(self._steps(rows) / self.sd)
