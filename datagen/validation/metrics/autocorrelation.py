"""Recovers the correlation of each row with the one before it below the same parent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.declarations.values import AutocorrelationDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

FEWEST = 100
"""The fewest pairs of rows from which a correlation is estimated."""


@dataclass(frozen=True, slots=True)
class LagSums:
    """Over pairs of successive rows: how many, the sum of their products, and that of the squares of
    the earlier ones.
    """

    pairs: int
    products: float
    squares: float


@judges(AutocorrelationDeclaration)
@dataclass(frozen=True, eq=False)
class Autocorrelation(AutocorrelationDeclaration):
    """The least squares estimate of an AR(1) process with a known mean; its standard error is sqrt((1 - phi^2) / n)."""

    name: ClassVar[str] = "Autocorrelation"
    group: Group = "recovery"

    def observe(self, part: Slice) -> LagSums | None:
        block = part.block(self.table)
        if block is None or block.parent_row is None or not len(block):
            return None
        cells = block.columns[self.column]
        away = cells.as_floats() - self.mean
        known = np.ones(len(away), np.bool_) if cells.valid is None else cells.valid
        pair = (block.parent_row[1:] == block.parent_row[:-1]) & known[1:] & known[:-1]
        before, after = away[:-1][pair], away[1:][pair]
        return LagSums(len(before), float(before.dot(after)), float(before.dot(before)))

    def merge(self, one: LagSums, other: LagSums) -> LagSums:
        return LagSums(one.pairs + other.pairs, one.products + other.products, one.squares + other.squares)

    def findings(self, state: LagSums | None) -> list[Finding]:
        size = max(abs(self.planted), 0.1)
        parameter = Parameter(self.table, self.column, self.name, "phi", self.planted, size, group=self.group)
        if state is None or state.pairs < FEWEST or state.squares <= 0.0:
            return [not_identifiable(parameter, f"there are {0 if state is None else state.pairs} pairs of rows")]
        error = math.sqrt(max(1.0 - self.planted**2, 1e-6) / state.pairs)
        return [compare(parameter, state.products / state.squares, error)]
