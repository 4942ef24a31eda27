"""Finds missing ranges of consecutive keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow as pa

from datagen.columnar.block import CONVERSION_ERRORS, Ints, indices
from datagen.columnar.integer_ranges import Runs, runs_of, united
from datagen.declarations.constraints import KeyRangeDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice, Verdict
from datagen.validation.metrics.registry import judges

_FEWEST = 100
_LEAST = 10
_PART = 1e-3
"""The share of all keys from which successive missing keys are a range."""
_DENSE = 0.75
"""The minimum density of keys outside the missing ranges. No more may be missing than exist, else the keys were never
dense.
"""
_SHOWN = 3


@judges(KeyRangeDeclaration)
@dataclass(frozen=True, eq=False)
class KeyRanges(KeyRangeDeclaration):
    """The integers of `column` are consecutive from `start` on.

    Keys of another origin, sparse or far from `start`, are allowed. The metric has no weight unless it fails: dense
    keys alone earn no points.
    """

    name: ClassVar[str] = "KeyRanges"
    group: Group = "cardinality"
    whole: ClassVar[bool] = True
    """A sample of blocks would be a sample of ranges."""

    def observe(self, part: Slice) -> Runs | None:
        block = part.block(self.table)
        if block is None:
            return None
        keys = block.columns[self.column]
        there = keys.data if keys.valid is None else keys.data[keys.valid]
        return runs_of(np.concatenate([there, self._orphaned(part)]))

    def _orphaned(self, part: Slice) -> Ints:
        """The keys of rows without a parent: they are in no block, but not missing."""
        at = part.orphans(self.table)
        if not len(at) or self.column not in part.names(self.table):
            return at[:0]
        cells = part.arrow(self.table).column(self.column).take(indices(at)).drop_null()
        try:
            found: Ints = cells.combine_chunks().cast(pa.int64(), safe=False).to_numpy(zero_copy_only=False)
        except CONVERSION_ERRORS:
            return at[:0]
        return found

    def merge(self, one: Runs, other: Runs) -> Runs:
        return united(one, other)

    def findings(self, state: Runs | None) -> list[Finding]:
        if state is None or state.level or state.count < _FEWEST:
            return [self._finding(None, "too few keys, or too many that are not consecutive")]
        gaps = self._gaps(state)
        first, last = self._long(state, gaps)
        there, lost = int((state.last - state.first + 1).sum()), int((gaps[1] - gaps[0] + 1).sum())
        if not lost:
            return [self._finding(True, f"no key between {there:,} keys is missing")]
        ranged = int((last - first + 1).sum())
        if there < _DENSE * (there + lost - ranged) or ranged > there:
            return [self._finding(None, "the keys have gaps everywhere")]
        ranges = [f"{a:,} to {b:,}" for a, b in zip(first[:_SHOWN], last[:_SHOWN], strict=True)]
        message = ", ".join(ranges) + (f" and {len(first) - _SHOWN} ranges more" if len(first) > _SHOWN else "")
        single = f"{lost - ranged:,} single ones" if lost > ranged else ""
        text = " and ".join(part for part in (message, single) if part)
        return [self._finding(False, f"there are no rows with the keys {text}: {lost:,} of {there + lost:,}")]

    def _gaps(self, state: Runs) -> tuple[Ints, Ints]:
        """First and last key of each gap; the keys before the first one only if they are fewer than
        the existing ones.
        """
        first, last = state.last[:-1] + 1, state.first[1:] - 1
        if self.start < state.first[0] <= self.start + state.count:
            first, last = np.append(self.start, first), np.append(state.first[0] - 1, last)
        return first, last

    def _long(self, state: Runs, gaps: tuple[Ints, Ints]) -> tuple[Ints, Ints]:
        """The gaps that are ranges."""
        first, last = gaps
        long = last - first + 1 >= max(_LEAST, _PART * state.count)
        return first[long], last[long]

    def _finding(self, good: bool | None, message: str) -> Finding:
        verdict: Verdict = "not applicable" if good is None else "pass" if good else "fail"
        return Finding(
            self.group, self.name, self.table, self.column, verdict, message,
            score=None if good is None else float(good), weight=1.0 if good is False else 0.0,
        )  # fmt: skip
