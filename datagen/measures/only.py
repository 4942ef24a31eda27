"""A gate that holds for some rows only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from datagen.block import Block, Bools, Rows
from datagen.measures.base import Slice
from datagen.measures.gates import Gate


@dataclass(frozen=True, eq=False)
class Only(Gate):
    """Another gate of the same table, for the rows that `rows` picks (bool, shape (n,))."""

    gate: Gate = field(default_factory=lambda: Gate(""))
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
