"""A metric of another package: whether a die is fair, by its mean number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from acme_kinds.dice import FairDieDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

Seen = tuple[int, int]
"""Cells and their sum."""


@judges(FairDieDeclaration)
@dataclass(frozen=True, eq=False)
class FairDie(FairDieDeclaration):
    """The mean number of a die with n sides is (n + 1) / 2, its variance (n^2 - 1) / 12."""

    name: ClassVar[str] = "FairDie"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Seen | None:
        block = part.block(self.table)
        if block is None:
            return None
        cells = block.columns[self.column]
        return len(cells), int(np.sum(cells.data))

    def merge(self, one: Seen, other: Seen) -> Seen:
        return one[0] + other[0], one[1] + other[1]

    def findings(self, state: Seen | None) -> list[Finding]:
        parameter = Parameter(self.table, self.column, self.name, "mean number", (self.sides + 1) / 2)
        if state is None or not state[0]:
            return [not_identifiable(parameter, "there are no throws")]
        error = ((self.sides**2 - 1) / 12 / state[0]) ** 0.5
        return [compare(parameter, state[1] / state[0], error)]
