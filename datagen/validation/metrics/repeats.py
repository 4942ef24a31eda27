"""Finds duplicate rows under different keys, and runs of equal values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Floats, Ints, Words
from datagen.columnar.cell_hashes import cell_hashes, row_hashes
from datagen.errors import Absent
from datagen.random.streams import mix
from datagen.validation.metrics.base import Finding, Group, Slice, Verdict

KEPT = 32_768
"""The number of compared rows: those with the smallest hashes, wherever they are."""
_RATE = 0.005
"""The share of duplicated rows from which it is a copy."""
_FEWEST = 200
_BUCKETS = 2048
_COMMON = 0.05
_LONGEST = 4
_SURE = 1e-9
"""The probability of a run, anywhere in the table, below which it is significant."""


@dataclass(frozen=True, slots=True, eq=False)
class RowHashSample:
    """The smallest hashes of rows, each once, with its frequency; rows; and for each column cells by bucket of their
    hash, (columns, buckets), and the longest run, (columns,).
    """

    hashes: Words
    times: Ints
    rows: int
    buckets: Floats
    runs: Ints


@dataclass(frozen=True, eq=False)
class Repeats:
    """`columns` are drawn independently for each row: all together identify rows; those in `steady` do not repeat
    either.

    `timed`: the time of a row is among them, to the microsecond. `varied` are texts with so many forms that hardly two
    are equal. `moving` are columns whose cells depend on the row before, with the probability of an equal one.
    """

    table: str
    columns: tuple[str, ...]
    steady: tuple[str, ...]
    timed: bool = False
    varied: tuple[str, ...] = ()
    moving: Mapping[str, float] = field(default_factory=dict)
    name: ClassVar[str] = "Repeats"
    group: Group = "distribution"

    def observe(self, part: Slice) -> RowHashSample | None:
        block = part.block(self.table)
        if block is None or not len(block):
            return None
        there = [name for name in self.columns if _there(block, name)] or list(block.columns)[:1]
        if not there:
            raise Absent("none of its columns is in the files")
        hashes, times = np.unique(row_hashes([block.columns[name] for name in there]), return_counts=True)
        looked = (*self.steady, *self.varied, *self.moving)
        buckets, runs = np.zeros((len(looked), _BUCKETS)), np.zeros(len(looked), np.int64)
        for number, name in enumerate(looked):
            if _there(block, name):
                buckets[number], runs[number] = _runs(block, name)
        return RowHashSample(hashes[:KEPT], times[:KEPT].astype(np.int64), len(block), buckets, runs)

    def merge(self, one: RowHashSample, other: RowHashSample) -> RowHashSample:
        hashes, place = np.unique(np.concatenate([one.hashes, other.hashes]), return_inverse=True)
        times = np.bincount(place, weights=np.concatenate([one.times, other.times])).astype(np.int64)
        runs = np.maximum(one.runs, other.runs)
        return RowHashSample(hashes[:KEPT], times[:KEPT], one.rows + other.rows, one.buckets + other.buckets, runs)

    def findings(self, state: RowHashSample | None) -> list[Finding]:
        if state is None or state.rows < _FEWEST:
            return []
        found = [self._copied(state)] if self.columns else []
        found += [self._stuck(state, number) for number in range(len(self.steady))]
        start = len(self.steady) + len(self.varied)
        found += [self._run(state, name, start + k, likely) for k, (name, likely) in enumerate(self.moving.items())]
        return found + [self._common(state, len(self.steady) + k, name) for k, name in enumerate(self.varied)]

    def _common(self, state: RowHashSample, number: int, column: str) -> Finding:
        """Whether one text is far more frequent than expected."""
        cells = state.buckets[number]
        share = float(cells.max()) / max(float(cells.sum()), 1.0)
        good = share <= _COMMON or cells.sum() < _FEWEST
        message = f"one text is in {share:.1%} of the cells, but hardly two should be equal"
        return self._finding(
            column, good, "texts are as varied as declared" if good else message, 1.0 - min(share, 1.0)
        )

    def _copied(self, state: RowHashSample) -> Finding:
        """Duplicates beyond those expected by chance, under which triples would be as usual as pairs."""
        twice = float((state.times - 1).sum())
        share = twice / max(float(state.times.sum()), 1.0)
        common = float((state.times == 1).sum()) < 0.5 * len(state.times)
        repeated = not common and self._rare(state)
        if not repeated:
            return self._finding(None, None, "rows are equal by chance: few columns, few values", 1.0)
        good = share <= _RATE
        message = f"about {share:.1%} of the rows are duplicated under other keys: copied rows, or a copied partition"
        return self._finding(
            None, good, "no rows are copies of others" if good else message, 1.0 - min(4.0 * share, 1.0)
        )

    def _rare(self, state: RowHashSample) -> bool:
        """Whether two equal rows are improbable if their columns are independent."""
        if self.timed:
            return True
        chance = 1.0
        for cells in state.buckets[: len(self.steady)]:
            total = float(cells.sum())
            chance *= float((cells * cells).sum()) / total**2 if total else 1.0
        return chance * state.rows < _RATE / 10.0

    def _stuck(self, state: RowHashSample, number: int) -> Finding:
        cells = state.buckets[number]
        most = min(4.0 * float(cells.max()) / max(float(cells.sum()), 1.0), 1.0)
        return self._run(state, self.steady[number], number, most)

    def _run(self, state: RowHashSample, column: str, number: int, likely: float) -> Finding:
        """Whether the longest run is possible, if a cell is equal to the one before with this probability at most."""
        run = int(state.runs[number])
        good = run < _LONGEST or state.rows * likely ** max(run - 1, 0) > _SURE
        message = f"the same value occurs {run:,} times in a row"
        return self._finding(column, good, f"at most {run:,} times in a row the same value" if good else message, 0.5)

    def _finding(self, column: str | None, good: bool | None, message: str, score: float) -> Finding:
        subject = (
            "copied rows" if column is None else "variety of texts" if column in self.varied else "runs of one value"
        )
        verdict: Verdict = "not applicable" if good is None else "pass" if good else "fail"
        weight, points = (0.0, None) if good is None else (1.0, 1.0 if good else score)
        return Finding(
            self.group, self.name, self.table, column, verdict, message, subject=subject, score=points, weight=weight
        )


def _there(block: Block, name: str) -> bool:
    try:
        return block.columns[name] is not None
    except (Absent, KeyError):
        return False


def _runs(block: Block, name: str) -> tuple[Floats, int]:
    """Cells by bucket, and the longest run of one value below one parent."""
    values = block.columns[name]
    hashes = cell_hashes(values)
    valid = np.ones(len(values), np.bool_) if values.valid is None else values.valid
    buckets = np.bincount((mix(hashes[valid]) % np.uint64(_BUCKETS)).astype(np.int64), minlength=_BUCKETS)
    same = (hashes[1:] == hashes[:-1]) & valid[1:] & valid[:-1]
    if not values.type.textual and values.type.name != "bool" and valid.any():
        there = values.data[valid]
        same &= (values.data[1:] > there.min()) & (
            values.data[1:] < there.max()
        )  # cells of cut distributions pile up at the ends
    if block.parent_row is not None:
        same &= block.parent_row[1:] == block.parent_row[:-1]
    breaks = np.flatnonzero(np.concatenate(([True], ~same, [True])))
    return buckets.astype(np.float64), int(np.diff(breaks).max(initial=0))
