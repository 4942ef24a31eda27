"""What the user expects of a table: a statistic of its rows (or of some of them), held against what was said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import numpy as np

from datagen.columnar.block import Rows
from datagen.errors import RunError
from datagen.scope import Compiled
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import SHOWN, plain


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether an expectation is met (None where there is nothing to judge), in words and numbers."""

    met: bool | None
    said: str
    found: float | None = None
    threshold: float | None = None
    count: int = 0
    share: float = 0.0
    rows: tuple[dict[str, Any], ...] = ()


NOTHING = Judgement(None, "there is no row to look at")


class Statistic(Protocol):
    """What is worked out from rows. A state is small, picklable and mergeable in any order."""

    def observe(self, part: Slice, rows: Rows) -> Any:
        """What these rows of a slice show. May raise Absent or RunError."""

    def merge(self, one: Any, other: Any) -> Any:
        """What two parts of the dataset show together."""

    def judged(self, state: Any) -> Judgement:
        """The judgement of everything seen."""


@dataclass(frozen=True, slots=True)
class Failed:
    """In place of a state: the expression could not be worked out."""

    why: str


@dataclass(frozen=True, eq=False)
class Expected:
    """One expectation. A statistic that the data makes impossible (a CAST of text that is no number) is not met."""

    table: str
    title: str
    statistic: Statistic
    where: Compiled | None = None
    name: ClassVar[str] = "Expectation"
    whole: ClassVar[bool] = True
    """Some of the rows would give another number."""
    group: Group = "gate"

    def observe(self, part: Slice) -> Any:
        block = part.block(self.table)
        if block is None:
            return None
        try:
            return self.statistic.observe(part, self._chosen(Rows(block)))
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
            self._finding(Judgement(False, state.why) if isinstance(state, Failed) else self.statistic.judged(state))
        ]

    def _finding(self, judged: Judgement) -> Finding:
        verdict: Any = {True: "pass", False: "fail", None: "not applicable"}[judged.met]
        return Finding(
            "gate", self.name, self.table, None, verdict, judged.said, subject=self.title,
            score=None if judged.met is None else float(judged.met), weight=0.0, found=judged.found,
            statistic=judged.found, threshold=judged.threshold, count=judged.count, share=judged.share, rows=judged.rows,
        )  # fmt: skip


def shown(part: Slice, rows: Rows, columns: frozenset[str]) -> tuple[dict[str, Any], ...]:
    """A few of the rows as they stand in the files: their first column and those of `columns` that are their own."""
    data = part.arrow(rows.block.table)
    names = [n for n in dict.fromkeys([*data.column_names[:1], *sorted(columns)]) if n in data.column_names]
    at = np.arange(len(rows)) if rows.at is None else rows.at
    placed = at if rows.block.scattered is None else rows.block.scattered[at]
    return tuple(plain(row) for row in data.select(names).take(placed[:SHOWN]).to_pylist())
