"""Unique columns have no duplicates: primary keys, unique text, composite keys."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import Block, Column, Ints
from datagen.columnar.cell_hashes import row_hashes
from datagen.columnar.integer_ranges import Runs, as_numbers, runs_of, united
from datagen.declarations.constraints import UniqueDeclaration
from datagen.declarations.expectations import SHOWN
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present, shown_rows
from datagen.validation.metrics.registry import judges


@dataclass(frozen=True, slots=True)
class ObservedValues:
    """The values seen, and a few rows (as JSON) whose value occurs again in their slice."""

    runs: Runs
    rows: tuple[str, ...] = ()


@judges(UniqueDeclaration)
@dataclass(frozen=True, eq=False)
class Unique(UniqueDeclaration):
    """The cells of `columns`, taken together, are unique; rows with missing cells are left out.

    Exact for any number of integers in runs, and up to millions of scattered values. Beyond that a share of the values
    is compared, which the finding states.
    """

    name: ClassVar[str] = "KeyUniqueness"
    group: Group = "constraint"

    @property
    def column(self) -> str | None:
        return self.columns[0] if len(self.columns) == 1 else None

    def observe(self, part: Slice) -> ObservedValues | None:
        block = part.block(self.table)
        if block is None:
            return None
        numbers, at = self._numbers(block, [block.columns[name] for name in self.columns])
        runs = runs_of(numbers)
        return ObservedValues(runs, self._shown(part, block, at[np.isin(numbers, runs.sample)]) if runs.twice else ())

    def _numbers(self, block: Block, columns: list[Column]) -> tuple[Ints, Ints]:
        """Integers unchanged, other values by their hash, with their positions in the block."""
        there = np.ones(len(block), np.bool_)
        for values in columns:
            there &= present(values.valid, len(block))
        at = np.flatnonzero(there)
        whole = self.column is not None and columns[0].type.name == "int"
        numbers: Ints = columns[0].data if whole else as_numbers(row_hashes(columns))
        return numbers if len(at) == len(block) else numbers[at], at

    def _shown(self, part: Slice, block: Block, at: Ints) -> tuple[str, ...]:
        return shown_rows(part, self.table, at if block.row_numbers is None else block.row_numbers[at], self.columns)

    def merge(self, one: ObservedValues, other: ObservedValues) -> ObservedValues:
        return ObservedValues(united(one.runs, other.runs), tuple(sorted({*one.rows, *other.rows})[:SHOWN]))

    def findings(self, state: ObservedValues | None) -> list[Finding]:
        if state is None or not state.runs.count:
            return [self._finding("not applicable", "there are no rows to check", None)]
        runs = state.runs
        compared = "" if not runs.level else f" (one in {2**runs.level} compared)"
        if not runs.twice:
            return [self._finding("pass", f"no duplicates among {runs.count:,}{compared}", state)]
        return [self._finding("fail", f"{runs.twice:,} of {runs.count:,} are duplicates{compared}", state)]

    def _finding(
        self, verdict: Literal["pass", "fail", "not applicable"], message: str, state: ObservedValues | None
    ) -> Finding:
        twice, count = (state.runs.twice, state.runs.count) if state else (0, 1)
        share, score = twice / count, None if state is None else 1 - twice / count
        return Finding(
            "constraint", self.name, self.table, self.column, verdict, message, subject=", ".join(self.columns),
            score=score, weight=0.0, statistic=share if state else None, threshold=0.0, count=twice, share=share,
            rows=self._rows(state),
        )  # fmt: skip

    def _rows(self, state: ObservedValues | None) -> tuple[Mapping[str, Any], ...]:
        """Violating rows; for duplicates in different slices, the shared keys."""
        if state is None:
            return ()
        hashed = any(abs(number) >= 1 << 52 for number in state.runs.sample)
        keys = () if hashed or self.column is None else tuple({self.column: number} for number in state.runs.sample)
        return tuple(json.loads(row) for row in state.rows) or keys
