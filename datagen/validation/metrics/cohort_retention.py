"""The triangle of cohort retention: the entities that still have a period n months after the first one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Ints
from datagen.declarations.processes import CohortRetentionDeclaration
from datagen.expressions.functions.temporal import months_of
from datagen.time_units import DAY
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.report import chart_data

_MONTHS = 60
"""The last months that are shown."""
_QUARTER = 3
_FEWEST = 20


@judges(CohortRetentionDeclaration)
@dataclass(frozen=True, eq=False)
class CohortRetention(CohortRetentionDeclaration):
    """Nothing is judged: the report shows the triangle."""

    name: ClassVar[str] = "CohortRetention"
    group: Group = "time"

    def observe(self, part: Slice) -> Ints | None:
        """Entities by the month of their first period and the months since in which they have one, (months, months)."""
        block = part.block(self.table)
        if block is None or block.parent_row is None or not len(block):
            return None
        month = months_of(block.columns[self.column].data // DAY)
        pairs = np.unique(block.parent_row * 2**20 + month)
        owner, month = pairs >> 20, pairs & (2**20 - 1)
        fresh = np.append(True, owner[1:] != owner[:-1])
        first = month[fresh][np.cumsum(fresh) - 1]
        cohort = first - (self._last - _MONTHS + 1)
        there = (cohort >= 0) & (month <= self._last)
        place = cohort[there] * _MONTHS + (month - first)[there]
        return np.bincount(place, minlength=_MONTHS**2)[: _MONTHS**2].reshape(_MONTHS, _MONTHS)

    @property
    def _last(self) -> int:
        """The last month that is seen whole."""
        return int(months_of(np.array([self.end // DAY]))[0]) - 1

    def merge(self, one: Ints, other: Ints) -> Ints:
        return one + other

    def findings(self, state: Ints | None) -> list[Finding]:
        if state is None or int(state[:, 0].sum()) < _FEWEST:
            return []
        names, rows = [], []
        for begin in range(0, _MONTHS, _QUARTER):
            quarter = range(begin, begin + _QUARTER)
            if sum(int(state[month, 0]) for month in quarter) < _FEWEST:
                continue
            names.append(str((np.int64(self._last - _MONTHS + 1 + begin)).astype("datetime64[M]")))
            rows.append([_retained(state, quarter, age) for age in range(0, _MONTHS, _QUARTER)])
        if not rows:
            return []
        ages = [age for age in range(0, _MONTHS, _QUARTER) if any(row[age // _QUARTER] is not None for row in rows)]
        values = [row[: len(ages)] for row in rows]
        title = f"{self.table}: cohort retention"
        chart = chart_data.heatmap(
            title, names, ages, values, [[_percent(value) for value in row] for row in values],
            x="months since the first period", y="first period", span=(0.0, 1.0),
        )  # fmt: skip
        message = f"{int(state[:, 0].sum()):,} entities by the month of their first period"
        return [Finding(self.group, self.name, self.table, self.column, "pass", message, weight=0.0, details=chart)]


def _retained(state: Ints, months: range, age: int) -> float | None:
    """The share of these cohorts that has a period at this age; None if none of them is old enough."""
    old = [month for month in months if month + age < _MONTHS]
    size = sum(int(state[month, 0]) for month in old)
    return sum(int(state[month, age]) for month in old) / size if size else None


def _percent(value: float | None) -> str:
    return "" if value is None else f"{value:.0%}"
