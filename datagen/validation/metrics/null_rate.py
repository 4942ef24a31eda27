"""Tests the share of nulls, by case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Floats, Ints, Rows
from datagen.declarations.values import NullRateDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.metrics.registry import judges
from datagen.validation.metrics.verdict import Parameter, compare, not_identifiable
from datagen.validation.report.chart_data import bars

FEWEST = 30
"""The fewest rows of a case for which its share is judged."""


@dataclass(frozen=True, slots=True, eq=False)
class Missing:
    """Rows of each case and the number of missing cells, int64 (cases,)."""

    rows: Ints
    missing: Ints


@judges(NullRateDeclaration)
@dataclass(frozen=True, eq=False)
class MissingShare(NullRateDeclaration):
    """The share of missing cells of `column` in each case: `case` numbers the rows' cases, negative
    where none applies.
    """

    name: ClassVar[str] = "MissingShare"
    group: Group = "recovery"

    def observe(self, part: Slice) -> Missing | None:
        block = part.block(self.table)
        if block is None:
            return None
        rows = Rows(block)
        cases, gone = self.case(rows), ~present(rows.column(self.column).valid, len(block))
        counted = cases >= 0
        if self.due is not None:
            counted &= self.due(rows)
        size = len(self.labels)
        found = [np.bincount(cases[counted & which], minlength=size).astype(np.int64) for which in (True, gone)]
        return Missing(found[0], found[1])

    def merge(self, one: Missing, other: Missing) -> Missing:
        return Missing(one.rows + other.rows, one.missing + other.missing)

    def findings(self, state: Missing | None) -> list[Finding]:
        rows = np.zeros(len(self.labels), np.int64) if state is None else state.rows
        gone = np.zeros(len(self.labels), np.int64) if state is None else state.missing
        shown = rows >= FEWEST
        found: Floats = gone / np.maximum(rows, 1)
        chart = bars(
            f"missing cells of {self.column}", [self.labels[i] for i in np.flatnonzero(shown)], found[shown],
            np.array(self.shares)[shown], y="share of rows",
        )  # fmt: skip
        first = int(np.argmax(shown))
        return [self._finding(i, int(rows[i]), float(found[i]), chart if i == first else {}) for i in range(len(rows))]

    def _finding(self, case: int, rows: int, found: float, chart: dict[str, object]) -> Finding:
        planted = self.shares[case]
        parameter = Parameter(
            self.table,
            self.column,
            self.name,
            f"missing: {self.labels[case]}",
            planted,
            size=max(min(planted, 1 - planted), 0.01),
        )
        if rows < FEWEST:
            return not_identifiable(parameter, f"it has only {rows:,} rows")
        # the error of the planted share; half a row keeps the error of shares 0 and 1 above 0
        error = np.sqrt(max(planted * (1 - planted), 0.25 / rows) / rows)
        return compare(parameter, found, float(error), chart)
