"""A gate that holds for some rows only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from datagen.columnar.block import Block, Bools, Rows
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint


@dataclass(frozen=True, eq=False)
class ConditionalConstraint(Constraint):
    """Another gate of the same table, for the rows that `rows` picks (bool, shape (n,))."""

    gate: Constraint = field(default_factory=lambda: Constraint(""))
    rows: Callable[[Rows], Bools] = lambda rows: np.ones(len(rows), np.bool_)
    where: str = ""

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.gate.name

    @property
    def said(self) -> str:
        return f"{self.gate.said} where {self.where}"

    @property
    def subject(self) -> str:
        return self.where

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        picked = self.rows(Rows(block))
        _, wrong = self.gate.wrong(part, block)
        return int(np.count_nonzero(picked)), wrong & picked
