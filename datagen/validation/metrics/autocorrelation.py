"""Recovers AR(1) processes along the rows of a parent."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Bools, Floats, Rows
from datagen.declarations.values import AutocorrelationDeclaration
from datagen.random.math.normal import normal_cdf
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

FEWEST = 100
"""The fewest pairs of rows from which a correlation is estimated."""
_COARSE = 0.5
"""The largest unit of rounding, in standard deviations of a shock, with which shocks are measured."""
_FINE = 0.1
"""The same, with which the shocks of successive rows are independent."""


@dataclass(frozen=True, slots=True)
class LagSums:
    """Over pairs of successive rows: how many, the sum of their products, that of the squares of the earlier ones, the
    sum of shocks, and that of their squares.
    """

    pairs: int
    products: float
    squares: float
    shocks: float
    shock_squares: float


@judges(AutocorrelationDeclaration)
@dataclass(frozen=True, eq=False)
class Autocorrelation(AutocorrelationDeclaration):
    """The least squares estimate of an AR(1) process with a known mean, less the variance of rounding (Sheppard's
    correction); its standard error is sqrt((1 - phi^2) / n).

    A shock is what a cell has beyond phi times the cell before. Their mean and spread give those of the process.
    """

    name: ClassVar[str] = "Autocorrelation"
    group: Group = "recovery"

    def observe(self, part: Slice) -> LagSums | None:
        block = part.block(self.table)
        if block is None or block.parent_row is None or not len(block):
            return None
        before, after = successive(Rows(block), self.column)
        pair = ~np.isnan(before) & ~np.isnan(after)
        before, after = before[pair] - self.mean, after[pair] - self.mean
        shocks = after - self.planted * before
        return LagSums(
            len(before), float(before.dot(after)), float(before.dot(before)), float(shocks.sum()),
            float(shocks.dot(shocks)),
        )  # fmt: skip

    def merge(self, one: LagSums, other: LagSums) -> LagSums:
        return LagSums(
            one.pairs + other.pairs, one.products + other.products, one.squares + other.squares,
            one.shocks + other.shocks, one.shock_squares + other.shock_squares,
        )  # fmt: skip

    def findings(self, state: LagSums | None) -> list[Finding]:
        size = max(abs(self.planted), 0.1)
        phi = Parameter(self.table, self.column, self.name, "phi", self.planted, size, group=self.group)
        mean = Parameter(self.table, self.column, self.name, "mean", self.mean, self.sd, group=self.group)
        spread = Parameter(self.table, self.column, self.name, "sd", self.sd, self.sd, group=self.group)
        if state is None or state.pairs < FEWEST or state.squares <= 0.0:
            why = f"there are {0 if state is None else state.pairs} pairs of rows"
            return [not_identifiable(one, why) for one in (phi, mean, spread)]
        if self.unit > self.sd:
            return [not_identifiable(one, "cells differ by less than the rounding") for one in (phi, mean, spread)]
        n, rest = state.pairs, max(1.0 - self.planted**2, 1e-6)
        blur = self.unit**2 / 12.0
        squares = max(state.squares - n * blur, 0.5 * state.squares)
        found = [
            compare(phi, state.products / squares, math.sqrt((rest + 2.0 * blur / self.sd**2) / n)),
            compare(
                mean, self.mean + state.shocks / n / (1.0 - self.planted), self._shock / (1.0 - self.planted) / n**0.5
            ),
        ]
        if self.unit > _COARSE * self._shock:
            return [*found, not_identifiable(spread, "its shocks are hardly larger than the rounding")]
        variance = max(state.shock_squares / n - (1.0 + self.planted**2) * blur, 0.0) / rest
        return [*found, compare(spread, variance**0.5, self.sd / (2 * n) ** 0.5)]

    @property
    def _shock(self) -> float:
        return self.sd * math.sqrt(1.0 - self.planted**2)

    @property
    def fine(self) -> bool:
        """Whether the shocks are so much larger than the rounding that they are independent."""
        return self.unit <= _FINE * self._shock

    @property
    def repeated(self) -> float:
        """The largest probability that a cell is equal to the one before."""
        return equal_by_chance(max(self.unit, abs(self.mean) * 1e-15), self._shock)

    def places(self, rows: Rows) -> Floats:
        """The quantile of the shock of each cell, of a first row that of the cell, shape (n,); nan where unknown."""
        before, after = successive(rows, self.column)
        first = first_below(rows)
        shock = np.where(first, after - self.mean, after - self.mean - self.planted * (before - self.mean))
        return normal_cdf(shock / np.where(first, self.sd, self._shock))


def equal_by_chance(unit: float, sd: float) -> float:
    """The largest probability that a normal number of this standard deviation is less than a unit from another one."""
    return min(unit / sd, 1.0) if sd > 0 else 1.0


def first_below(rows: Rows) -> Bools:
    """Which rows are the first of their parent, bool (n,)."""
    above = rows.block.parent_row
    first = np.ones(len(rows.block), np.bool_)
    if above is not None:
        first[1:] = above[1:] != above[:-1]
    return first if rows.at is None else first[rows.at]


def successive(rows: Rows, column: str) -> tuple[Floats, Floats]:
    """The number before each and the number itself, shape (n,) each; nan where missing, and before a first row."""
    cells = rows.block.columns[column]
    after = cells.as_floats() if cells.valid is None else np.where(cells.valid, cells.as_floats(), np.nan)
    before = np.concatenate(([np.nan], after[:-1]))
    if rows.at is not None:
        before, after = before[rows.at], after[rows.at]
    return np.where(first_below(rows), np.nan, before), after
