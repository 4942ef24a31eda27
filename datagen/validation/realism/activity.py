"""Realism tests of the rows of one parent: churn, retention, regularity of gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Floats, Ints, Rows
from datagen.columnar.row_time import moments
from datagen.errors import Absent
from datagen.time_units import DAY
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.realism.base import RealismTest, apart
from datagen.validation.report.chart_data import curve, heatmap

MONTH = 2_629_746_000_000
"""A twelfth of a Gregorian year, in microseconds."""
TENURE = 13
"""Observed months of a life."""
COHORT_MONTH = 2
"""The month of life in which cohorts are compared."""
FEWEST = 30
"""The fewest parents of a cohort whose share is shown."""
TWINS = 0.001
"""The share of rows at exactly the time of another row from which they are duplicates."""
GAPS = 10
"""The fewest gaps of a parent for a test of their regularity."""


@dataclass(frozen=True, slots=True, eq=False)
class ActivitySums:
    """Sums over parents.

    `late`: parents with a row before the last tenth of the window, those of them with one in it, and their rows in the
    first nine tenths. `at_risk` and `stayed`: parents born in the window with a row in tenure month t whose month t + 1
    is observed, and those with one in that too, int64 (TENURE - 1,). `cohorts`: parents by month of birth whose third
    month is observed, those with a row in it, int64 (2, months). `gaps`: parents with enough gaps, the sums of their
    squared coefficients of variation and of their mean gaps in days. `born`: parents born in the window. `months`:
    parents by quarter of birth and completely observed month of tenure, and those with a row in it, int64 (2, quarters,
    TENURE). `twins`: gaps of a parent, those of length 0, and times that are not whole seconds.
    """

    late: tuple[int, int, int]
    at_risk: Ints
    stayed: Ints
    cohorts: Ints
    gaps: tuple[int, float, float]
    born: int
    months: Ints
    twins: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True, eq=False)
class Activity:
    """The rows of `table`, at the times of `column`, below each row of its parent."""

    table: str
    column: str
    start: int
    end: int
    name: ClassVar[str] = "Churn"
    group: Group = "realism"

    def observe(self, part: Slice) -> ActivitySums | None:
        block = part.block(self.table)
        if block is None or block.parent is None or block.parent_row is None:
            return None
        values = block.columns[self.column]
        kept = (values.data >= self.start) & (values.data < self.end)
        if values.valid is not None:
            kept &= values.valid
        times, owner = (values.data, block.parent_row) if kept.all() else (values.data[kept], block.parent_row[kept])
        born = _born(block.parent)
        seen = ActivitySums(
            self._late(times, owner, block.parent), *self._nothing(), _gaps(times, owner, len(block.parent)), 0,
            np.zeros((2, self._quarters, TENURE), np.int64), _twins(times, owner),
        )  # fmt: skip
        return seen if born is None else self._tenure(seen, times, owner, born)

    @property
    def _quarters(self) -> int:
        return -(-(self.end - self.start) // (3 * MONTH))

    def _nothing(self) -> tuple[Ints, Ints, Ints]:
        months = -(-(self.end - self.start) // MONTH)
        return np.zeros(TENURE - 1, np.int64), np.zeros(TENURE - 1, np.int64), np.zeros((2, months), np.int64)

    def _late(self, times: Ints, owner: Ints, parent: Block) -> tuple[int, int, int]:
        border = self.end - (self.end - self.start) // 10
        before = np.bincount(owner[times < border], minlength=len(parent)) > 0
        after = np.bincount(owner[times >= border], minlength=len(parent)) > 0
        return int(before.sum()), int((before & after).sum()), int(np.count_nonzero(times < border))

    def _tenure(self, seen: ActivitySums, times: Ints, owner: Ints, born: Ints) -> ActivitySums:
        """Adds the months of the parents born in the window."""
        inside = born >= self.start
        age = (times - born[owner]) // MONTH
        young = inside[owner] & (age >= 0) & (age < TENURE)
        active = np.zeros((len(born), TENURE), np.bool_)
        active[owner[young], age[young]] = True
        months = (self.end - born) // MONTH  # completely observed months of life
        shown = inside[:, None] & (months[:, None] > np.arange(1, TENURE))
        risk = active[:, :-1] & shown
        cohort = (born - self.start) // MONTH
        followed = inside & (months > COHORT_MONTH)
        size = seen.cohorts.shape[1]
        cohorts = [
            np.bincount(cohort[rows], minlength=size)[:size] for rows in (followed, followed & active[:, COHORT_MONTH])
        ]
        return replace(
            seen, at_risk=risk.sum(axis=0), stayed=(risk & active[:, 1:]).sum(axis=0), cohorts=np.array(cohorts),
            born=int(inside.sum()), months=self._months(inside, cohort // 3, months, active),
        )  # fmt: skip

    def _months(self, inside: Bools, quarter: Ints, months: Ints, active: Bools) -> Ints:
        """Parents by quarter of birth and whole month of tenure, and those of them with a row in it."""
        complete = inside[:, None] & (months[:, None] > np.arange(TENURE))
        size = self._quarters * TENURE
        found = []
        for chosen in (complete, complete & active):
            who, month = np.nonzero(chosen)
            found.append(np.bincount(quarter[who] * TENURE + month, minlength=size)[:size])
        return np.array(found, np.int64).reshape(2, self._quarters, TENURE)

    def merge(self, one: ActivitySums, other: ActivitySums) -> ActivitySums:
        a, b = one.late, other.late
        return ActivitySums(
            (a[0] + b[0], a[1] + b[1], a[2] + b[2]), one.at_risk + other.at_risk, one.stayed + other.stayed,
            one.cohorts + other.cohorts, _sum(one.gaps, other.gaps), one.born + other.born,
            one.months + other.months, _three(one.twins, other.twins),
        )  # fmt: skip

    def findings(self, state: ActivitySums | None) -> list[Finding]:
        if state is None:
            return [RealismTest(self.name, self.table, self.column).not_applicable("there are no rows")]
        return [
            self._churn(state),
            self._retention(state),
            self._cohorts(state),
            self._regular(state),
            self._twice(state),
        ]

    def _churn(self, state: ActivitySums) -> Finding:
        sign = RealismTest("Churn", self.table, self.column)
        known, stayed, rows = state.late
        if known < 200 or rows / known / 9 < 4:
            return sign.not_applicable("parents with too few rows each to see who has left")
        share = stayed / known
        message = f"{share:.1%} of the parents are active in the last tenth"
        return sign.finding(share > 0.95, share, 0.95, message)

    def _heat(self, state: ActivitySums) -> Mapping[str, Any]:
        """The cohort table: the share with a row in each month of tenure, by quarter of birth."""
        seen, active = state.months
        enough = np.flatnonzero(seen[:, 0] >= FEWEST)
        if not len(enough):
            return {}
        shares = [[a / n if n >= FEWEST else None for a, n in zip(active[q], seen[q], strict=True)] for q in enough]
        text = [["" if share is None else f"{share:.0%}" for share in row] for row in shares]
        names = [str(np.datetime64(self.start + int(q) * 3 * MONTH, "us").astype("datetime64[M]")) for q in enough]
        return heatmap(
            f"{self.table}: active by cohort", names, range(1, TENURE + 1), shares, text,
            x="month of tenure", y="born from", unit="share",
        )  # fmt: skip

    def _retention(self, state: ActivitySums) -> Finding:
        sign = RealismTest("FlatRetention", self.table, self.column)
        enough = state.at_risk >= 200
        if state.born < 10_000 or enough.sum() < 6:
            return sign.not_applicable("fewer than 10,000 parents born in the window, or less than half a year of life")
        rate = state.stayed / np.maximum(state.at_risk, 1)
        month: Floats = np.flatnonzero(enough) + np.float64(1)
        slope, error = _slope(month, rate[enough], state.at_risk[enough])
        message = (
            f"the share that stays from month to month changes by {slope:+.2%} a month of tenure (error {error:.2%})"
        )
        shown = curve(
            f"{self.table}: active again a month later", month, rate[enough],
            x="month of tenure", y="share active again",
        )  # fmt: skip
        return sign.finding(abs(slope) < 2 * error, abs(slope) / max(error, 1e-12), 2.0, message, shown)

    def _cohorts(self, state: ActivitySums) -> Finding:
        sign = RealismTest("TwinCohorts", self.table, self.column)
        enough = state.cohorts[0] >= 300
        born, active = state.cohorts[0][enough], state.cohorts[1][enough]
        if len(born) < 12:
            return sign.not_applicable("fewer than twelve monthly cohorts of 300 or more", self._heat(state))
        mean = float(active.sum() / born.sum())
        if not 0.02 < mean < 0.98:
            return sign.not_applicable("almost no parent, or almost every one, is active in the third month")
        found = float(((active / born - mean) ** 2 * born).sum() / (len(born) - 1) / (mean * (1 - mean)))
        message = f"cohorts differ in their third month {apart(found, 1.5, 1)} times as much as expected by chance"
        return sign.finding(found < 1.5, found, 1.5, message, self._heat(state))

    def _regular(self, state: ActivitySums) -> Finding:
        sign = RealismTest("ExponentialGaps", self.table, self.column)
        many, total, days = state.gaps
        if many < 200 or days / many > 7:
            return sign.not_applicable(
                f"fewer than 200 parents with {GAPS} gaps, or gaps above a week, where rare events look random"
            )
        found = float(np.sqrt(total / many))
        message = f"gaps below one parent have a coefficient of variation of {found:.2f} (1.00 for pure chance)"
        return sign.finding(0.95 <= found <= 1.05, found, 1.0, message)

    def _twice(self, state: ActivitySums) -> Finding:
        sign = RealismTest("TwinRows", self.table, self.column)
        gaps, none, fine = state.twins
        if gaps < 1000 or fine < gaps / 2:
            return sign.not_applicable("too few rows, or times that are whole seconds")
        message = f"{none:,} of {gaps:,} rows have exactly the time of the previous row of the same parent"
        return sign.finding(none > TWINS * gaps, none / gaps, TWINS, message)


def _born(parent: Block) -> Ints | None:
    """The time of birth of the parents; None if no column shows it."""
    try:
        return moments(Rows(parent))
    except Absent:
        return None


def _twins(times: Ints, owner: Ints) -> tuple[int, int, int]:
    """Gaps of a parent, those of length 0, and times that are not whole seconds."""
    times, owner = _in_order(times, owner)
    gap = np.diff(times)[owner[1:] == owner[:-1]]
    return len(gap), int(np.count_nonzero(gap == 0)), int(np.count_nonzero(times % 1_000_000))


def _three(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _gaps(times: Ints, owner: Ints, parents: int) -> tuple[int, float, float]:
    """Parents with enough gaps; sums of (standard deviation / mean) squared, 1 each on average where gaps are
    exponential, and of mean gaps in days.
    """
    times, owner = _in_order(times, owner)
    same = owner[1:] == owner[:-1]
    gap, whose = np.diff(times)[same].astype(np.float64) / DAY, owner[1:][same]
    n = np.bincount(whose, minlength=parents)
    one = np.bincount(whose, weights=gap, minlength=parents).astype(np.float64)
    two = np.bincount(whose, weights=gap * gap, minlength=parents).astype(np.float64)
    enough = (n >= GAPS) & (one > 0)
    k, mean = n[enough], one[enough] / n[enough]
    squared = (two[enough] - k * mean**2) / (k - 1) / mean**2
    # k / (k + 1) is the expectation for exponential gaps, each over their own mean
    return int(enough.sum()), float((squared * (k + 1) / k).sum()), float(mean.sum())


def _sum(one: tuple[int, float, float], other: tuple[int, float, float]) -> tuple[int, float, float]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]


def _in_order(times: Ints, owner: Ints) -> tuple[Ints, Ints]:
    """By parent, and in the order of time."""
    step = np.diff(owner)
    if not bool(((step < 0) | ((step == 0) & (np.diff(times) < 0))).any()):
        return times, owner
    order = np.lexsort((times, owner))
    return times[order], owner[order]


def _slope(x: Floats, rate: Floats, n: Ints) -> tuple[float, float]:
    """Weighted least squares of rates on x, with its standard error."""
    weight = n / np.maximum(rate * (1 - rate), 1e-6)
    center = (weight * x).sum() / weight.sum()
    spread = float((weight * (x - center) ** 2).sum())
    return float((weight * (x - center) * rate).sum() / spread), float(1 / np.sqrt(spread))
