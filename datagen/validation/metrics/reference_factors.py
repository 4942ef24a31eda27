"""Recovers effects on choices: references by category of the rows that they refer to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.values import ReferenceFactorDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.factor_verdicts import FactorLocation, factor_findings
from datagen.validation.metrics.rates.log_ratios import CountVariance, contrast
from datagen.validation.metrics.rates.state import FactorSums, products
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, not_identifiable

MOST_ROWS = 1_000_000
"""The most rows of a referenced table that are counted one by one."""
_MOST_CATEGORIES = 48


@judges(ReferenceFactorDeclaration)
@dataclass(frozen=True, eq=False)
class ReferenceFactorRecovery(ReferenceFactorDeclaration):
    """References of `column` to `size()` rows whose keys begin at `start`, each in proportion to its weight.

    Rows may also differ in popularity within a category, which the errors, by row, account for.
    """

    name: ClassVar[str] = "FactorRecovery"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Ints | None:
        return _reference_counts(part, self.table, self.column, self.start, self.size())

    def merge(self, one: Ints, other: Ints) -> Ints:
        return one + other

    def findings(self, state: Ints | None) -> list[Finding]:
        return list(self._findings(state))

    def _findings(self, state: Ints | None) -> Iterator[Finding]:
        if state is None or not state.sum():
            parameter = Parameter(self.table, self.column, self.name, "references by segment", 1.0)
            yield not_identifiable(parameter, "no references, or too many rows to refer to")
            return
        seen, weights = state.astype(np.float64), self.weights()
        expected = weights * (seen.sum() / max(float(weights.sum()), 1e-300))
        # how unequally popular rows are: a category of few rows does not show it
        unequal = float(((seen - expected) ** 2 - expected).sum()) / max(float((expected * expected).sum()), 1e-300)
        for behavior, factor, codes in self.known:
            if len(factor.planted) <= _MOST_CATEGORIES:
                tally = self._tally(codes(), len(factor.planted), (seen, expected))
                chance = CountVariance(1.0, np.full(len(factor.planted), max(unequal, 0.0)))
                place = FactorLocation(self.table, self.column, behavior)
                yield from factor_findings(place, factor, contrast(tally, chance=chance))

    def _tally(self, codes: Ints, size: int, references: tuple[Floats, Floats]) -> FactorSums:
        own = (codes[:, np.newaxis] == np.arange(size)).astype(np.float64)
        seen, expected = (own * numbers[:, np.newaxis] for numbers in references)
        total = np.add.reduce(expected, axis=0)
        return FactorSums(np.add.reduce(seen, axis=0), total, products(seen, expected), total[:, np.newaxis], total)


def _reference_counts(part: Slice, table: str, column: str, start: int, size: int) -> Ints | None:
    """The references of a column to each of `size` rows whose keys begin at `start`, int64 (size,).

    None if the slice has no such rows, or if the referenced table has fewer than 2 or more than `MOST_ROWS` rows.
    """
    block = part.block(table)
    if block is None or not 1 < size <= MOST_ROWS:
        return None
    cells = Rows(block).column(column)
    index = (cells.data if cells.valid is None else cells.data[cells.valid]) - start
    return np.bincount(index[(index >= 0) & (index < size)], minlength=size).astype(np.int64)
