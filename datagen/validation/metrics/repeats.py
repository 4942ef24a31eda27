"""Finds duplicate rows under different keys, runs of equal values, and texts in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Column, Floats, Ints, Words
from datagen.columnar.cell_hashes import cell_hashes, next_in_order, row_hashes
from datagen.errors import Absent
from datagen.random.streams import mix
from datagen.validation.metrics.base import Finding, Group, Slice, Verdict

KEPT = 32_768
"""The number of compared rows: those with the smallest hashes, wherever they are."""
_RATE = 0.005
"""The share of duplicated rows from which it is a copy."""
_IDENTIFIED = 0.001
"""The same, of rows with a column that no two rows share."""
_FEWEST = 200
_BUCKETS = 2048
_MORE_EQUAL = 0.1
"""The excess of equal texts that matters, of the most that there should be."""
_LONGEST = 4
_SORTED, _FAR = 0.04, 6.0
"""The least excess of texts in ascending or descending order, and the standard errors of that."""
_SURE = 1e-9
"""The probability of a run, anywhere in the table, below which it is significant."""


@dataclass(frozen=True, slots=True, eq=False)
class RowHashes:
    """The smallest hashes of rows, each once, with its frequency."""

    hashes: Words
    times: Ints

    @classmethod
    def of(cls, columns: list[Column]) -> RowHashes:
        """The hashes of rows over these columns."""
        return cls._counted(row_hashes(columns))

    @classmethod
    def of_known(cls, columns: list[Column]) -> RowHashes:
        """The same of the rows that have all cells, and none that is 0."""
        known = np.ones(len(columns[0]) if columns else 0, np.bool_)
        for values in columns:
            known &= (values.data != 0) if values.valid is None else values.valid & (values.data != 0)
        return cls._counted(row_hashes(columns)[known] if columns else np.zeros(0, np.uint64))

    @classmethod
    def _counted(cls, found: Words) -> RowHashes:
        hashes, times = np.unique(found, return_counts=True)
        return cls(hashes[:KEPT], times[:KEPT].astype(np.int64))

    def __add__(self, other: RowHashes) -> RowHashes:
        hashes, place = np.unique(np.concatenate([self.hashes, other.hashes]), return_inverse=True)
        times = np.bincount(place, weights=np.concatenate([self.times, other.times])).astype(np.int64)
        return RowHashes(hashes[:KEPT], times[:KEPT])

    @property
    def copied(self) -> float:
        """The share of rows that occurred before."""
        return float((self.times - 1).sum()) / max(float(self.times.sum()), 1.0)

    @property
    def common(self) -> bool:
        """Whether most hashes occur several times: equal by chance, under which triples are as usual as pairs."""
        return float((self.times == 1).sum()) < 0.5 * len(self.times)


@dataclass(frozen=True, slots=True, eq=False)
class RowHashSample:
    """Hashes of rows over all drawn columns, and over those that identify a row alone; rows; and for each column cells
    by bucket of their hash, (columns, buckets), and the longest run, (columns,). Of texts with very many forms also how
    many are before the next one, equal to it and after it, (columns, 3).
    """

    drawn: RowHashes
    identifying: RowHashes
    rows: int
    buckets: Floats
    runs: Ints
    order: Ints


@dataclass(frozen=True, eq=False)
class Repeats:
    """`columns` are drawn independently for each row: all together identify rows; those in `steady` do not repeat
    either.

    `timed`: the time of a row is among them, to the microsecond. `varied` are texts with many forms, with the number of
    forms if each was as likely as the most likely one. `moving` are columns whose cells depend on the row before, with
    the probability of an equal one. `identifying` are columns that hardly two rows share, and `chance` is the
    probability that two rows do: rows that were copied to other times, or but for a few columns, have them in common.
    """

    table: str
    columns: tuple[str, ...]
    steady: tuple[str, ...]
    timed: bool = False
    varied: Mapping[str, int] = field(default_factory=dict)
    moving: Mapping[str, float] = field(default_factory=dict)
    identifying: tuple[str, ...] = ()
    chance: float = 1.0
    name: ClassVar[str] = "Repeats"
    group: Group = "distribution"

    def observe(self, part: Slice) -> RowHashSample | None:
        block = part.block(self.table)
        if block is None or not len(block):
            return None
        there = [name for name in self.columns if _there(block, name)] or list(block.columns)[:1]
        if not there:
            raise Absent("none of its columns is in the files")
        drawn = RowHashes.of([block.columns[name] for name in there])
        complete = all(_there(block, name) for name in self.identifying)
        identifying = RowHashes.of_known([block.columns[name] for name in self.identifying if complete])
        looked = (*self.steady, *self.varied, *self.moving)
        buckets, runs = np.zeros((len(looked), _BUCKETS)), np.zeros(len(looked), np.int64)
        for number, name in enumerate(looked):
            if _there(block, name):
                buckets[number], runs[number] = _runs(block, name)
        order = np.array([_order(block, name) for name in self.varied], np.int64).reshape(-1, 3)
        return RowHashSample(drawn, identifying, len(block), buckets, runs, order)

    def merge(self, one: RowHashSample, other: RowHashSample) -> RowHashSample:
        runs, buckets = np.maximum(one.runs, other.runs), one.buckets + other.buckets
        drawn, identifying = one.drawn + other.drawn, one.identifying + other.identifying
        return RowHashSample(drawn, identifying, one.rows + other.rows, buckets, runs, one.order + other.order)

    def findings(self, state: RowHashSample | None) -> list[Finding]:
        if state is None or state.rows < _FEWEST:
            return []
        found = [self._copied(state)] if self.columns else []
        found += [self._stuck(state, number) for number in range(len(self.steady))]
        start = len(self.steady) + len(self.varied)
        found += [self._run(state, name, start + k, likely) for k, (name, likely) in enumerate(self.moving.items())]
        found += [self._common(state, len(self.steady) + k, name) for k, name in enumerate(self.varied)]
        return found + [self._ordered(name, state.order[k]) for k, name in enumerate(self.varied)]

    def _common(self, state: RowHashSample, number: int, column: str) -> Finding:
        """Whether two texts are equal more often than the most likely text allows, by pairs in the same bucket."""
        cells = state.buckets[number]
        total = float(cells.sum())
        share = float(cells.max()) / max(total, 1.0)
        equal = float((cells * (cells - 1.0)).sum()) / max(total * (total - 1.0), 1.0)
        most = 1.0 / self.varied[column] + 1.0 / _BUCKETS
        excess = equal - most
        often = excess > _MORE_EQUAL * most and excess > _FAR * (2.0 * most) ** 0.5 / max(total, 1.0)
        good = not often or total < _FEWEST
        message = f"texts are equal too often: one of them is in {share:.1%} of the cells"
        score = 1.0 - min(max(share, excess / equal), 1.0) if often else 1.0 - share
        return self._finding(
            column, good, "texts are as varied as declared" if good else message, score, "variety of texts"
        )

    def _ordered(self, column: str, order: Ints) -> Finding:
        """Whether a text comes before the next one as often as after it, and is hardly ever equal."""
        before, equal, after = order.tolist()
        pairs, rows = max(before + after, 1), max(before + equal + after, 1)
        excess, same = abs(before - after) / pairs, equal / rows
        if excess > max(_SORTED, _FAR / pairs**0.5):
            message = f"{before / pairs:.0%} of the texts come before the next one in the alphabet: they are in order"
        else:
            message = f"{same:.1%} of the texts are equal to the next one"
        good = excess <= max(_SORTED, _FAR / pairs**0.5) and same <= _RATE + _FAR * (_RATE / rows) ** 0.5
        score = 1.0 - min(max(excess, same), 1.0)
        return self._finding(column, good, "texts are in no order" if good else message, score, "order of texts")

    def _copied(self, state: RowHashSample) -> Finding:
        """Duplicates beyond those expected by chance."""
        samples = [state.drawn] if not state.drawn.common and self._rare(state) else []
        if self.chance * state.rows < _RATE / 10.0 and not state.identifying.common:
            samples.append(state.identifying)
        if not samples:
            return self._finding(None, None, "rows are equal by chance: few columns, few values", 1.0)
        share = max(sample.copied for sample in samples)
        good = share <= (_RATE if samples[-1] is state.drawn else _IDENTIFIED)
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

    def _finding(self, column: str | None, good: bool | None, message: str, score: float, subject: str = "") -> Finding:
        subject = subject or ("copied rows" if column is None else "runs of one value")
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


def _order(block: Block, name: str) -> tuple[int, int, int]:
    """How many texts are before the next one, equal to it, and after it."""
    if not _there(block, name) or block.columns[name].type.name != "text":
        return 0, 0, 0
    values = block.columns[name]
    found = next_in_order(values.data)
    found = found if values.valid is None else found[values.valid[1:] & values.valid[:-1]]
    before, equal, after = np.bincount(found + 1, minlength=3).tolist()
    return before, equal, after


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
