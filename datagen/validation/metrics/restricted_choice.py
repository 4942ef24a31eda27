"""Tests the shares of referenced rows over time, where each reference has candidates of its own.

Given the candidates, references are independent multinomial draws. So counts by referenced row and period are compared
with the sum of the probabilities of all references. Pearson's statistic of such a sum is, on average, at most that of
equal draws: it never alarms too often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Bools, Floats, Ints, Rows
from datagen.columnar.ragged import ordinals
from datagen.columnar.row_time import moments
from datagen.declarations.values import RestrictedChoiceDeclaration
from datagen.random.streams import mix
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.metrics.contingency import chi_square_z
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.row_sampling import sample_rows
from datagen.validation.metrics.verdict import FAR, Parameter, not_identifiable

Factors = Callable[[Ints, Ints], Bools | Floats]
MOST_ROWS = 100_000
MOST_PAIRS = 2_000_000
"""The most pairs of a reference and a candidate that are enumerated in a slice."""
MOST_CANDIDATES = 2_000_000
SINGLE, BUCKETS = 24, 8
"""Groups of candidates: the heaviest ones alone, the others by hash."""
PERIODS = 8
_SUBJECT = "shares of rows among their candidates"
_FEWEST = 200
_LEAST = 5.0
_NEAR = 0.01
"""The share of references that may be elsewhere beyond what chance explains."""
_ANOTHER, _UNEQUAL = 0.3, 0.1
_FARTHEST = 6.0
"""Standard errors of the one of many counts that deviates most."""


@dataclass(frozen=True, slots=True, eq=False)
class CandidateGroups:
    """All candidates in the order of the declaration: their row, their group, and cumulative weights from 0; for each
    group its positions, ascending, and their cumulative weights from 0.
    """

    rows: Ints
    weights: Floats
    codes: Ints
    sums: Floats
    groups: tuple[tuple[Ints, Floats], ...]

    @classmethod
    def of(cls, rows: Ints, weights: Floats) -> CandidateGroups:
        codes = SINGLE + (mix(rows.astype(np.uint64)) % np.uint64(BUCKETS)).astype(np.int64)
        heaviest = np.lexsort((rows, -weights))[:SINGLE]
        codes[heaviest] = np.arange(len(heaviest))
        at = [np.flatnonzero(codes == group) for group in range(SINGLE + BUCKETS)]
        return cls(rows, weights, codes, _sums(weights), tuple((one, _sums(weights[one])) for one in at))

    def between(self, first: Ints, end: Ints) -> Iterator[Floats]:
        """For each group, its chance among the candidates from `first` up to `end`, (n,)."""
        total = np.maximum(self.sums[end] - self.sums[first], 1e-300)
        for at, sums in self.groups:
            yield (sums[np.searchsorted(at, end)] - sums[np.searchsorted(at, first)]) / total

    def label(self, group: int) -> str:
        """The name of a group in a message."""
        if group >= SINGLE:
            return "a part of the less popular rows"
        return f"row {int(self.rows[np.argmax(self.codes == group)]) + 1:,}"


def _sums(weights: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(weights)))


@judges(RestrictedChoiceDeclaration)
@dataclass(frozen=True, eq=False)
class RestrictedChoice(RestrictedChoiceDeclaration):
    """The shares of rows among the references that could choose them. The state is references by group of candidates
    and period, found and expected, (2, groups, periods).
    """

    name: ClassVar[str] = "CandidateShares"
    group: Group = "cardinality"

    @cached_property
    def candidates(self) -> CandidateGroups:
        return CandidateGroups.of(*self.weights())

    def observe(self, part: Slice) -> Floats | None:
        block = part.block(self.table)
        if block is None or not len(block):
            return None
        rows = Rows(block, sample_rows(block.ids, MOST_ROWS / max(self.size(), len(block))))
        if self.most() > MOST_CANDIDATES or len(self.candidates.rows) < 2:
            return None
        cells, (first, count), factors = rows.column(self.column), self.spans(rows), self.factors(rows)
        chosen = np.full(len(self.candidates.rows) + 1, -1, np.int64)
        chosen[self.candidates.rows] = np.arange(len(self.candidates.rows))
        index = np.where(present(cells.valid, len(rows)), cells.data - self.start, -1)
        member = chosen[np.where((index >= 0) & (index < len(chosen) - 1), index, -1)]
        at = np.flatnonzero((member >= first) & (member < first + count) & (count > 1))
        if factors is not None:
            return self._enumerated(rows, at, (first, count, member), factors)
        chances = self.candidates.between(first[at], first[at] + count[at])
        return self._counted(rows, at, member, chances)

    def _enumerated(self, rows: Rows, at: Ints, spans: tuple[Ints, Ints, Ints], factors: Factors) -> Floats:
        """The counts of references whose candidates are looked at one by one: as many as there is room for."""
        first, count, member = spans
        at = at[:: max(-(-int(count[at].sum()) // MOST_PAIRS), 1)]
        at = at[factors(at, member[at]) > 0]
        owner = np.repeat(np.arange(len(at)), count[at])
        offset = ordinals(count[at])
        candidate = first[at][owner] + offset
        weight = factors(at[owner], candidate) * self.candidates.weights[candidate]
        groups = SINGLE + BUCKETS
        by_group = np.bincount(self.candidates.codes[candidate] * len(at) + owner, weight, minlength=groups * len(at))
        chances = by_group.reshape(groups, len(at)) / np.maximum(np.bincount(owner, weight, minlength=len(at)), 1e-300)
        return self._counted(rows, at, member, chances)

    def _counted(self, rows: Rows, at: Ints, member: Ints, chances: Iterable[Floats]) -> Floats:
        times, period = moments(rows), np.zeros(len(at), np.int64)
        if times is not None and self.window is not None:
            low, high = self.window
            period = np.clip((times[at] - low) * PERIODS // max(high - low, 1), 0, PERIODS - 1)
        groups = SINGLE + BUCKETS
        found = np.bincount(self.candidates.codes[member[at]] * PERIODS + period, minlength=groups * PERIODS)
        expected = np.stack([np.bincount(period, chance, minlength=PERIODS) for chance in chances])
        return np.stack([found.reshape(groups, PERIODS).astype(np.float64), expected])

    def merge(self, one: Floats, other: Floats) -> Floats:
        merged: Floats = one + other
        return merged

    def findings(self, state: Floats | None) -> list[Finding]:
        total, why = 0.0 if state is None else float(state[0].sum()), ""
        if state is None or total < _FEWEST:
            why = f"{total:,.0f} references with a choice, or too many rows to refer to"
        elif self.by_seed and self._in_another_order(state):
            why = "rows are popular in another order: the data are of another seed"
        if state is None or why:
            return [
                not_identifiable(Parameter(self.table, self.column, self.name, _SUBJECT, 1.0, group=self.group), why)
            ]
        return [self._finding(state, total)]

    def _finding(self, state: Floats, total: float) -> Finding:
        """By Pearson's statistic and the distance of the shares; small counts of a period are judged together."""
        few = np.where(state[1] < _LEAST, state, 0.0)
        pooled = np.concatenate([state - few, np.add.reduce(few, axis=1, keepdims=True)], axis=1)
        counted = pooled[1] >= _LEAST
        off, root = np.where(counted, pooled[0] - pooled[1], 0.0), np.sqrt(np.where(counted, pooled[1], 0.0))
        away = off / np.where(counted, root, 1.0)
        freedom = int(np.count_nonzero(counted)) - int(np.count_nonzero(counted.any(axis=0)))
        z = chi_square_z(float((away**2).sum()), float(max(freedom, 1)))
        moved, chance = float(np.abs(off).sum()) / total / 2.0, float(root.sum()) / total * (0.5 / np.pi) ** 0.5
        bad = (z > FAR or bool((np.abs(away) > _FARTHEST).any())) and moved - chance > _NEAR
        message = f"{moved:.1%} of the references are elsewhere, chance explains {chance:.1%}"
        if bad:
            group, period = divmod(int(np.abs(away[:-1]).argmax()), PERIODS)
            seen, due = (float(one[group, period]) / max(float(one[:, period].sum()), 1.0) for one in state)
            message = f"{self._label(group, period)} has {seen:.1%} of the references, expected {due:.1%}; {message}"
        score = max(0.0, 1.0 - 4.0 * (moved - chance)) if bad else 1.0
        return Finding(
            self.group, self.name, self.table, self.column, "fail" if bad else "pass", message, subject=_SUBJECT,
            score=score, z=z, statistic=moved, threshold=chance + _NEAR,
        )  # fmt: skip

    def _in_another_order(self, state: Floats) -> bool:
        """Whether rows are unequally popular, but not those that are by this seed: files without a manifest do not say
        which seed made them.
        """
        shares = np.add.reduce(state, axis=2) / np.maximum(np.add.reduce(state, axis=(1, 2)), 1e-300)[:, np.newaxis]
        even = np.bincount(self.candidates.codes, minlength=SINGLE + BUCKETS) / len(self.candidates.codes)
        seen, due = shares - even
        concentration = float((due * due).sum())
        alike = float((seen * due).sum()) < _ANOTHER * concentration
        return alike and float((seen * seen).sum()) > _UNEQUAL * concentration > _NEAR**2

    def _label(self, group: int, period: int) -> str:
        if self.window is None:
            return self.candidates.label(group)
        low, high = self.window
        begin = np.datetime64(low + (high - low) * period // PERIODS, "us").astype("datetime64[D]")
        return f"from {begin} on, {self.candidates.label(group)}"
