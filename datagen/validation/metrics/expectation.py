"""Evaluates an expectation of the user: a statistic of rows, compared with its target."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import numpy as np

from datagen.columnar.block import Rows
from datagen.declarations.expectations import NOTHING, SHOWN, ExpectationDeclaration, Judgement
from datagen.errors import RunError
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import plain
from datagen.validation.metrics.registry import judges


@dataclass(frozen=True, slots=True)
class Failed:
    """In place of a state: the expression could not be evaluated."""

    why: str


@judges(ExpectationDeclaration)
@dataclass(frozen=True, eq=False)
class Expected(ExpectationDeclaration):
    """One expectation. A statistic that the data makes impossible (a CAST of text that is not a number) is not met."""

    name: ClassVar[str] = "Expectation"
    whole: ClassVar[bool] = True
    """A sample of the rows would give another number."""
    group: Group = "constraint"

    def observe(self, part: Slice) -> Any:
        block = part.block(self.table)
        if block is None:
            return None
        try:
            return self.statistic.observe(self._chosen(Rows(block)), partial(shown, part))
        except RunError as error:
            return Failed(str(error))

    def _chosen(self, rows: Rows) -> Rows:
        """The rows where the condition is true."""
        if self.where is None:
            return rows
        met = self.where(rows)
        return rows.take(np.flatnonzero(met.data if met.valid is None else met.data & met.valid))

    def merge(self, one: Any, other: Any) -> Any:
        failed = sorted(state.why for state in (one, other) if isinstance(state, Failed))
        return Failed(failed[0]) if failed else self.statistic.merge(one, other)

    def findings(self, state: Any) -> list[Finding]:
        if state is None:
            return [self._finding(NOTHING)]
        return [
            self._finding(Judgement(False, state.why) if isinstance(state, Failed) else self.statistic.judge(state))
        ]

    def _finding(self, judgement: Judgement) -> Finding:
        verdict: Any = {True: "pass", False: "fail", None: "not applicable"}[judgement.met]
        return Finding(
            "constraint", self.name, self.table, None, verdict, judgement.message, subject=self.title,
            score=None if judgement.met is None else float(judgement.met), weight=0.0, found=judgement.found,
            statistic=judgement.found, threshold=judgement.threshold, count=judgement.count, share=judgement.share,
            rows=judgement.rows,
        )  # fmt: skip


def shown(part: Slice, rows: Rows, columns: frozenset[str]) -> tuple[dict[str, Any], ...]:
    """A few of the rows as stored in the files: their first column and those of `columns` that are their own."""
    data = part.arrow(rows.block.table)
    names = [n for n in dict.fromkeys([*data.column_names[:1], *sorted(columns)]) if n in data.column_names]
    at = np.arange(len(rows)) if rows.at is None else rows.at
    placed = at if rows.block.row_numbers is None else rows.block.row_numbers[at]
    return tuple(plain(row) for row in data.select(names).take(placed[:SHOWN]).to_pylist())
