"""Sums over rows: the cost within a budget, and the credits of a conversion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Ints, Rows
from datagen.columnar.millionths import MILLION, millionths
from datagen.declarations.constraints import BudgetDeclaration, CreditSumDeclaration
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges

_SHOWN = 5


@judges(BudgetDeclaration)
@dataclass(frozen=True, eq=False)
class BudgetKept(BudgetDeclaration):
    """The state is the cost of the rows that refer to each row with a budget, in millionths, int64 (rows,)."""

    name: ClassVar[str] = "BudgetKept"
    group: Group = "constraint"

    def observe(self, part: Slice) -> Ints | None:
        block = part.block(self.table)
        if block is None:
            return None
        keys, cells = Rows(block).column(self.column or ""), Rows(block).column(self.cost)
        limits = self.limits()
        position = keys.data - self.start
        there = present(keys.valid, len(block)) & present(cells.valid, len(block))
        at = np.flatnonzero(there & (position >= 0) & (position < len(limits)))
        spent = np.zeros(len(limits), np.int64)
        np.add.at(spent, position[at], millionths(cells, most=2.0**61)[at])
        return spent

    def merge(self, one: Ints, other: Ints) -> Ints:
        return one + other

    def findings(self, state: Ints | None) -> list[Finding]:
        if state is None or not len(state):
            return [self._finding("not applicable", "there are no rows to check")]
        limits = self.limits()
        over = np.flatnonzero(state > limits)
        if not len(over):
            return [self._finding("pass", f"holds for all {len(state):,} rows of '{self.target}'")]
        rows = tuple(
            {"key": int(at) + self.start, "spent": state[at] / MILLION, "budget": limits[at] / MILLION}
            for at in over[:_SHOWN].tolist()
        )
        message = f"{len(over):,} of {len(state):,} rows of '{self.target}' have spent more than their budget"
        return [self._finding("fail", message, share=len(over) / len(state), count=len(over), rows=rows)]

    def _finding(self, verdict: Any, message: str, **facts: Any) -> Finding:
        score = {"pass": 1.0, "fail": 1.0 - facts.get("share", 0.0)}.get(verdict)
        return Finding(
            "constraint", self.name, self.table, self.cost, verdict, message, score=score, weight=0.0, threshold=0.0,
            **facts,
        )  # fmt: skip


_TOLERANCE = 1e-6


@judges(CreditSumDeclaration)
@dataclass(frozen=True, eq=False)
class CreditSum(Constraint, CreditSumDeclaration):
    """The cells of the rows below one parent sum to 1."""

    name: ClassVar[str] = "CreditSum"

    @property
    def subject(self) -> str:
        return self.rule

    @property
    def message(self) -> str:
        return f"have a parent whose credits by '{self.rule}' do not sum to 1"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        cells = Rows(block).column(self.column or "")
        owner = block.parent_row if block.parent_row is not None else np.zeros(len(block), np.int64)
        credit = np.where(present(cells.valid, len(cells)), cells.as_floats(), 0.0)
        total = np.bincount(owner, credit, minlength=int(owner.max(initial=-1)) + 1)
        return len(block), (np.abs(total - 1.0) > _TOLERANCE)[owner]
