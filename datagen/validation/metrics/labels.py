"""Tests noisy labels against the truth: recall, false positive rate and precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Rows
from datagen.declarations.values import LabelDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

FEWEST = 30
"""The fewest rows of which a share is judged."""


@judges(LabelDeclaration)
@dataclass(frozen=True, eq=False)
class LabelNoise(LabelDeclaration):
    """The rows by truth and label; the state is their number, (truth, label)."""

    name: ClassVar[str] = "LabelNoise"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Floats | None:
        block = part.block(self.table)
        if block is None:
            return None
        truth, label = Rows(block).column(self.truth), block.columns[self.column]
        known = np.flatnonzero(present(truth.valid, len(block)) & present(label.valid, len(block)))
        cell = truth.data[known].astype(np.int64) * 2 + label.data[known]
        return np.bincount(cell, minlength=4).reshape(2, 2).astype(np.float64)

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        counts = np.zeros((2, 2)) if state is None else state
        others, true = counts.sum(axis=1).tolist()
        hits, alarms = self.recall * true, self.false_positive_rate * others
        precision = hits / (hits + alarms) if hits + alarms else 0.0  # at the observed share of true rows
        return [
            self._judged("recall", self.recall, counts[1, 1], true),
            self._judged("false positive rate", self.false_positive_rate, counts[0, 1], others),
            self._judged("precision", precision, counts[1, 1], float(counts[:, 1].sum())),
        ]

    def _judged(self, subject: str, planted: float, part: float, rows: float) -> Finding:
        size = max(min(planted, 1.0 - planted), 0.01)
        parameter = Parameter(self.table, self.column, self.name, subject, planted, size=size)
        if rows < FEWEST:
            return not_identifiable(parameter, f"it has only {rows:,.0f} rows")
        error = (max(planted * (1.0 - planted), 0.25 / rows) / rows) ** 0.5
        return compare(parameter, part / rows, error)
