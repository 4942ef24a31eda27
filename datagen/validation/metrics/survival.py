"""Recovers lifetimes from a column with their ends: Kaplan-Meier estimates at each age."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.values import SurvivalDeclaration
from datagen.point_process.effects import Entity
from datagen.point_process.factors import SurvivalFactor
from datagen.point_process.ground_truth import alive
from datagen.time_units import HOUR
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable
from datagen.validation.report.chart_data import curve

_POINTS = 24
_REPORTED = (0.25, 0.5, 0.9)
_FEWEST = 100

Alive = tuple[Floats, Floats, Floats, Floats]


@judges(SurvivalDeclaration)
@dataclass(frozen=True, eq=False)
class Survival(SurvivalDeclaration):
    """Entities of `table` whose life ends at `column`, missing beyond the window's `end`."""

    name: ClassVar[str] = "SurvivalRecovery"
    group: Group = "recovery"

    @cached_property
    def planted(self) -> SurvivalFactor:
        return self.survival()

    @cached_property
    def ages(self) -> Floats:
        """Ages in hours, each in the middle of a step of the planted survival curve."""
        edges = self.planted.edges
        middles = (edges + np.append(edges[1:], self.horizon)) / 2.0
        reached = middles[middles < 0.8 * self.horizon]
        chosen = np.unique(np.linspace(0, max(len(reached) - 1, 0), _POINTS).astype(np.int64))
        ages: Floats = reached[chosen] if len(reached) else middles[:1]
        return ages

    def observe(self, part: Slice) -> Floats | None:
        """For each age: entities that could have reached it, that did, the sum of planted probabilities and of their
        variances, (4, ages).
        """
        block = part.block(self.table)
        if block is None:
            return None
        rows: Entity = Rows(block)
        born = self.planted.born(rows)
        cells = rows.column(self.column)
        ends = cells.data if cells.valid is None else np.where(cells.valid, cells.data, np.iinfo(np.int64).max)
        return np.array([self._at(age, rows, born, ends) for age in self.ages.tolist()]).T

    def _at(self, age: float, rows: Entity, born: Ints, ends: Ints) -> tuple[float, float, float, float]:
        moment = born + round(age * HOUR)
        could = moment < self.end
        chance = alive(self.planted, rows, born, np.full(len(born), age))[could]
        survived = float(np.count_nonzero(ends[could] > moment[could]))
        return float(len(chance)), survived, float(chance.sum()), float((chance * (1.0 - chance)).sum())

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        if state is None or state[0, 0] < _FEWEST:
            parameter = Parameter(self.table, self.column, self.name, "alive at an age", 1.0)
            return [not_identifiable(parameter, "too few entities")]
        enough = np.flatnonzero(state[0] >= _FEWEST)
        points = np.unique(enough[np.rint(np.array(_REPORTED) * (len(enough) - 1)).astype(np.int64)])
        found: list[Finding] = []
        for k in points.tolist():
            could, survived, chances, variance = state[:, k].tolist()
            planted = chances / could
            subject = f"alive at {self.ages[k] / 730.5:.3g} months"
            size = max(min(planted, 1.0 - planted), 0.05)
            parameter = Parameter(self.table, self.column, self.name, subject, planted, size, weight=1.0 / len(points))
            error = max(variance, 0.25) ** 0.5 / could
            found.append(compare(parameter, survived / could, error, None if found else self._chart(state)))
        return found

    def _chart(self, state: Floats) -> dict[str, object]:
        could = np.maximum(state[0], 1.0)
        found, planted, error = state[1] / could, state[2] / could, np.sqrt(np.maximum(state[3], 0.25)) / could
        band = (np.maximum(found - 2 * error, 0.0), np.minimum(found + 2 * error, 1.0))
        return curve(
            f"{self.table} still active", self.ages / 730.5, found, planted, band, x="age in months", y="share alive"
        )
