"""Recovers cascades: the mean number of referrals per member by generation, their dispersion, and their order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Floats, Ints
from datagen.declarations.rates import CascadeDeclaration
from datagen.errors import Absent
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

_GENERATIONS = 4
_FEWEST = 30


@judges(CascadeDeclaration)
@dataclass(frozen=True, eq=False)
class CascadeRecovery(CascadeDeclaration):
    """The ratio of referred members to members, weighted by the share of their referrals within the window: R in total
    and by generation.
    """

    name: ClassVar[str] = "ReproductionNumber"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Floats | None:
        """Sums by generation (the last: all later): referred members, expected ones, variance, excess squares, their
        variance, squared expectation. The last row counts referrals that do not come one generation and some time
        later. (generations + 1, 6).
        """
        block = part.block(self.table)
        if block is None or block.parent_row is None:
            return None
        try:
            times, generation = (block.columns[name].data for name in (self.joined, self.generation))
            by, known = self._referrers(block)
        except Absent:
            return None
        sums = np.zeros((_GENERATIONS + 1, 6))
        brought = np.bincount(by[known], minlength=len(block)).astype(np.float64)
        mean = self.mean * self.seen(times)
        excess = (brought - mean) ** 2 - mean
        variance = mean + self.dispersion * mean * mean
        fourth = (
            variance * variance * (2.0 + 6.0 * self.dispersion) + variance
        )  # of a negative binomial, less its square
        columns = (brought, mean, variance, excess, fourth, mean * mean)
        level = np.clip(generation, 0, _GENERATIONS - 1)
        for number, column in enumerate(columns):
            sums[:_GENERATIONS, number] = np.bincount(level, column, minlength=_GENERATIONS)
        right = (times[by] < times) & (generation[by] + 1 == generation) & (block.parent_row[by] == block.parent_row)
        sums[-1, 0] = np.count_nonzero((known & ~right) | (known == (generation == 0)))
        sums[-1, 1] = len(block)
        return sums

    def _referrers(self, block: Block) -> tuple[Ints, np.ndarray]:
        """The position of each member's referrer, and whether the data has one."""
        column = block.columns[self.referrer]
        known, size = present(column.valid, len(block)), max(len(block), 1)
        cited = np.where(known, column.data, 0)
        if self.key is None:
            first = np.searchsorted(block.parent_row, block.parent_row) if block.parent_row is not None else cited
            return np.clip(first + cited - 1, 0, size - 1), known
        keys = block.columns[self.key].data
        order = np.argsort(keys)
        at = order[np.minimum(np.searchsorted(keys[order], cited), size - 1)] if len(keys) else cited
        return at, known & (keys[at] == cited) if len(keys) else known

    def merge(self, one: Floats, other: Floats) -> Floats:
        return one + other

    def findings(self, state: Floats | None) -> list[Finding]:
        sums = np.zeros((_GENERATIONS + 1, 6)) if state is None else state
        levels = sums[:_GENERATIONS]
        found = [self._mean("R", np.add.reduce(levels, axis=0))]
        for number in range(_GENERATIONS):
            later = " and later" if number == _GENERATIONS - 1 else ""
            found.append(self._mean(f"R of generation {number}{later}", levels[number]))
        if self.dispersion:
            found.append(self._dispersion(np.add.reduce(levels, axis=0)))
        return [*found, self._order(state)]

    def _mean(self, subject: str, sums: Floats) -> Finding:
        parameter = Parameter(self.table, self.referrer, self.name, subject, self.mean, self.mean)
        brought, expected, variance = sums[:3].tolist()
        if expected < _FEWEST:
            return not_identifiable(parameter, "there are too few members who could have brought somebody")
        scale = self.mean / expected
        return compare(parameter, brought * scale, math.sqrt(variance) * scale)

    def _dispersion(self, sums: Floats) -> Finding:
        subject = "dispersion of the number brought"
        parameter = Parameter(self.table, self.referrer, self.name, subject, self.dispersion, self.dispersion)
        if sums[1] < _FEWEST:
            return not_identifiable(parameter, "there are too few members who could have brought somebody")
        return compare(parameter, float(sums[3] / sums[5]), float(np.sqrt(sums[4]) / sums[5]))

    def _order(self, state: Floats | None) -> Finding:
        name, rows = "ReferralOrder", 0 if state is None else int(state[-1, 1])
        if state is None or not rows:
            return Finding(
                "constraint", name, self.table, self.referrer, "not applicable", "there are no members", weight=0.0
            )
        wrong = int(state[-1, 0])
        message = f"{wrong:,} of {rows:,} members have not joined one generation and some time after their referrer"
        return Finding(
            "constraint", name, self.table, self.referrer, "fail" if wrong else "pass", message, weight=0.0,
            score=1.0 - wrong / rows, statistic=wrong / rows, threshold=0.0, count=wrong, share=wrong / rows,
        )  # fmt: skip
