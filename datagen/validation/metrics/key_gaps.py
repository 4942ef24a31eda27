"""Keys without gaps have none: a range of them that is missing is a lost file, or rows that somebody deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Ints
from datagen.validation.metrics.base import Finding, Group, Slice, Verdict
from datagen.validation.metrics.integer_ranges import Runs, runs_of, united

_FEWEST = 100
_LEAST = 10
_PART = 1e-3
"""Missing keys in a row, as a share of all, from which they are a range."""
_DENSE = 0.95
"""So many of the keys outside the missing ranges must be there, and no more be missing than there are: else nothing is lost."""
_SHOWN = 3


@dataclass(frozen=True, eq=False)
class KeyRanges:
    """The integers of `column` follow each other from `start` on. Keys of another origin, sparse or far from `start`, may be.

    It has no weight but where it fails: whoever writes keys without gaps has earned nothing by it.
    """

    table: str
    column: str
    start: int = 1
    name: ClassVar[str] = "KeyRanges"
    group: Group = "cardinality"
    whole: ClassVar[bool] = True
    """A sample of blocks would be a sample of ranges."""

    def observe(self, part: Slice) -> Runs | None:
        block = part.block(self.table)
        if block is None:
            return None
        keys = block.columns[self.column]
        return runs_of(keys.data if keys.valid is None else keys.data[keys.valid])

    def merge(self, one: Runs, other: Runs) -> Runs:
        return united(one, other)

    def findings(self, state: Runs | None) -> list[Finding]:
        if state is None or state.level or state.count < _FEWEST:
            return [self._finding(None, "too few keys, or too many that do not follow each other")]
        first, last = self._missing(state)
        if not len(first):
            return [self._finding(True, f"no range of the {state.count:,} keys is missing")]
        lost, there = int((last - first + 1).sum()), int((state.last - state.first + 1).sum())
        room = int(state.last[-1]) - min(int(first[0]), int(state.first[0])) + 1
        if there < _DENSE * (room - lost) or lost > there:
            return [self._finding(None, "the keys have gaps everywhere")]
        ranges = ", ".join(f"{a:,} to {b:,}" for a, b in zip(first[:_SHOWN], last[:_SHOWN], strict=True))
        more = f" and {len(first) - _SHOWN} ranges more" if len(first) > _SHOWN else ""
        return [self._finding(False, f"there are no rows with the keys {ranges}{more}: {lost:,} of {there + lost:,}")]

    def _missing(self, state: Runs) -> tuple[Ints, Ints]:
        """First and last key of each missing range; the keys before the first one only if they are fewer than those there."""
        first, last = state.last[:-1] + 1, state.first[1:] - 1
        if self.start < state.first[0] <= self.start + state.count:
            first, last = np.append(self.start, first), np.append(state.first[0] - 1, last)
        long = last - first + 1 >= max(_LEAST, _PART * state.count)
        return first[long], last[long]

    def _finding(self, good: bool | None, message: str) -> Finding:
        verdict: Verdict = "not applicable" if good is None else "pass" if good else "fail"
        return Finding(
            self.group, self.name, self.table, self.column, verdict, message, score=None if good is None else float(good),
            weight=1.0 if good is False else 0.0,
        )  # fmt: skip
