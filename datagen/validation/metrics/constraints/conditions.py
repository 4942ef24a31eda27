"""Rows satisfy the filter of their table, or another constraint where a condition holds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Block, Bools, Rows
from datagen.declarations.constraints import ConditionalDeclaration, RowFilterDeclaration
from datagen.validation.metrics.base import Slice
from datagen.validation.metrics.constraints.base import Constraint
from datagen.validation.metrics.registry import judges, metric_of


@judges(ConditionalDeclaration)
@dataclass(frozen=True, eq=False)
class ConditionalConstraint(Constraint, ConditionalDeclaration):
    """Another constraint of the same table, for the rows that `rows` selects."""

    @cached_property
    def inner(self) -> Constraint:
        """The constraint for these rows."""
        inner = metric_of(self.constraint)
        assert isinstance(inner, Constraint)
        return inner

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.inner.name

    @property
    def message(self) -> str:
        return f"{self.inner.message} where {self.where}"

    @property
    def subject(self) -> str:
        return self.where

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        picked = self.rows(Rows(block))
        _, wrong = self.inner.wrong(part, block)
        return int(np.count_nonzero(picked)), wrong & picked


@judges(RowFilterDeclaration)
@dataclass(frozen=True, eq=False)
class RowFilter(Constraint, RowFilterDeclaration):
    """The condition `holds` is true for every row."""

    name: ClassVar[str] = "RowFilter"

    @property
    def message(self) -> str:
        return f"do not satisfy {self.where[:60]}"

    def wrong(self, part: Slice, block: Block) -> tuple[int, Bools]:
        return len(block), ~self.holds(Rows(block))
