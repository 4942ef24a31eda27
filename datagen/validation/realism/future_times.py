"""Realism test of times of what has happened: none is after the window, which ends when the data was taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.realism.base import RealismTest


@dataclass(frozen=True, eq=False)
class FutureTimes:
    """The times of `column`, of something that has happened, against `end`, the window's end in microseconds."""

    table: str
    column: str
    end: int
    name: ClassVar[str] = "FutureTimes"
    group: Group = "realism"

    def observe(self, part: Slice) -> tuple[int, int] | None:
        """The number of times, and of those from the window's end on."""
        block = part.block(self.table)
        if block is None:
            return None
        values = block.columns[self.column]
        known = present(values.valid, len(block))
        return int(known.sum()), int(np.count_nonzero(known & (values.data >= self.end)))

    def merge(self, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
        return one[0] + other[0], one[1] + other[1]

    def findings(self, state: tuple[int, int] | None) -> list[Finding]:
        sign = RealismTest(self.name, self.table, self.column)
        if state is None or not state[0]:
            return [sign.not_applicable("there are no times")]
        times, late = state
        return [sign.finding(late > 0, late, 0.0, f"{late:,} of {times:,} times are after the window's end")]
