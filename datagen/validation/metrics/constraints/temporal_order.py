"""Times are in the declared order: children after parents, paired columns one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Rows
from datagen.declarations.constraints import BeforeDeclaration, ExistingThenDeclaration, NotBeforeDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint, present
from datagen.validation.metrics.registry import judges


@judges(NotBeforeDeclaration)
@dataclass(frozen=True, eq=False)
class NotBefore(Constraint, NotBeforeDeclaration):
    """No cell is before the `bound` of its row."""

    name: ClassVar[str] = "TemporalOrder"

    @property
    def message(self) -> str:
        return f"are before {self.what}"

    @property
    def subject(self) -> str:
        return self.what

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        return self._compared(block, after=False)

    def _compared(self, block: Block, *, after: bool) -> tuple[int, Bools]:
        cells, bound = block.columns[self.column or ""], self.bound(Rows(block))
        if bound is None:
            return 0, np.zeros(len(block), np.bool_)
        there = present(cells.valid, len(block))
        limit = bound
        if isinstance(bound, Column):
            there, limit = there & present(bound.valid, len(block)), bound.data
        beyond = cells.data >= limit if after else cells.data < limit
        return int(np.count_nonzero(there)), there & beyond


@judges(BeforeDeclaration)
@dataclass(frozen=True, eq=False)
class Before(NotBefore, BeforeDeclaration):
    """Every cell is before the `bound` of its row."""

    @property
    def message(self) -> str:
        return f"are not before {self.what}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        return self._compared(block, after=True)


@judges(ExistingThenDeclaration)
@dataclass(frozen=True, eq=False)
class ExistingThen(Constraint, ExistingThenDeclaration):
    """The referenced row of `target` was created (column `moment`) no later than the time in column `at`."""

    name: ClassVar[str] = "TemporalOrder"

    @property
    def message(self) -> str:
        when = "did not exist" if self.lookback is None else "did not come shortly before, or not exist,"
        return f"refer to a row of '{self.target}' that {when} at '{self.at}'"

    @property
    def subject(self) -> str:
        return self.at

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        keys, then = block.columns[self.column or ""], Rows(block).column(self.at)
        born = part.referred(self.target, self.moment, keys)
        known = present(born.valid, len(block)) & present(then.valid, len(block)) & present(keys.valid, len(block))
        wrong = born.data > then.data
        if self.lookback is not None:
            wrong |= then.data - born.data > self.lookback
        return int(np.count_nonzero(known)), known & wrong
