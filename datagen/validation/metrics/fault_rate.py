"""Recovers the rate of each fault from the answer key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow.compute as pc

from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable

if TYPE_CHECKING:
    from datagen.engine.faults import TableFaults

FEWEST = 30
"""The fewest cells that a fault could hit from which its rate is estimated."""
Damaged = tuple[str, str | None]
"""A fault by its name in the answer key, and the column it damages; None for whole rows."""
Counts = dict[Damaged, tuple[int, int, int]]
"""How many cells (or rows) each fault could have damaged, how many faults before had damaged, and how many it did."""
CLUSTER = 10.0
"""The variance of the number of cells that faults before damage, relative to it: some damage several rows together."""


@dataclass(frozen=True, eq=False)
class FaultRate:
    """The share of the cells that each fault damaged, of those that it could have; `rates` are the declared ones."""

    name: ClassVar[str] = "FaultRate"
    group: ClassVar[Group] = "recovery"
    table: str
    faults: TableFaults

    def observe(self, part: Slice) -> Counts | None:
        block, key = part.block(self.table), part.damage(self.table)
        if block is None or key is None:
            return None
        found = {}
        for (fault, column), (possible, taken) in self.faults.opportunities(block).items():
            of_column = pc.is_null(key["column"]) if column is None else pc.equal(key["column"], column)
            rows = key["row"].filter(pc.and_(pc.equal(key["fault"], fault), of_column))
            found[fault, column] = possible, taken, len(rows) // max(self.copies[fault, column], 1)
        return found

    @property
    def copies(self) -> Mapping[Damaged, int]:
        return {
            (b.fault.label, column): b.fault.repeats
            for b in self.faults.bound
            for column in b.fault.touched() or (None,)
        }

    @property
    def rates(self) -> Mapping[Damaged, float]:
        return {
            (b.fault.label, column): b.fault.rate for b in self.faults.bound for column in b.fault.touched() or (None,)
        }

    def merge(self, one: Counts, other: Counts) -> Counts:
        return {at: (a + d, b + e, c + f) for at, (a, b, c) in one.items() for d, e, f in [other[at]]}

    def findings(self, state: Counts | None) -> list[Finding]:
        return [self._finding(at, *counts) for at, counts in (state or {}).items()]

    def _finding(self, at: Damaged, possible: int, taken: int, hit: int) -> Finding:
        rate = self.rates[at]
        size = max(min(rate, 1 - rate), 0.01)
        parameter = Parameter(self.table, at[1], self.name, f"rate of the fault {at[0]}", rate, size=size)
        if possible < FEWEST:
            return not_identifiable(parameter, f"only {possible:,} cells that it can damage")
        # the rows of files may have other draws than generated ones, so that faults before took other cells
        slack = 3.0 * float(np.sqrt(CLUSTER * taken))
        cells = possible + min(max(hit / rate - possible, -slack), slack)
        error = np.sqrt(max(rate * (1 - rate), 0.25 / possible) / possible)
        return compare(parameter, hit / cells, float(error))
