"""No value stands twice: primary keys, unique text, columns that identify a row together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.block import Block, Values
from datagen.measures.base import Finding, Group, Slice
from datagen.measures.cell_hashes import row_hashes
from datagen.measures.gates import present
from datagen.measures.runs import Runs, as_numbers, runs_of, united


@dataclass(frozen=True, eq=False)
class Unique:
    """The cells of `columns`, taken together, are all different; missing ones are left out.

    Exact for integers in runs, whatever their number, and up to millions of scattered values; beyond that a share of the
    values is compared, and the finding says which.
    """

    table: str
    columns: tuple[str, ...]
    name: ClassVar[str] = "KeyUniqueness"
    group: Group = "gate"

    def observe(self, part: Slice) -> Runs | None:
        block = part.block(self.table)
        if block is None:
            return None
        return runs_of(self._numbers(block, [block.columns[name] for name in self.columns]))

    def _numbers(self, block: Block, columns: list[Values]) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """Integers as they are, everything else by its hash."""
        there = np.ones(len(block), np.bool_)
        for values in columns:
            there &= present(values.valid, len(block))
        whole = len(columns) == 1 and columns[0].type.name == "int"
        numbers = columns[0].data if whole else as_numbers(row_hashes(columns))
        return numbers if there.all() else numbers[there]

    def merge(self, one: Runs, other: Runs) -> Runs:
        return united(one, other)

    def findings(self, state: Runs | None) -> list[Finding]:
        if state is None or not state.count:
            return [self._finding("not applicable", "there is nothing to look at", None)]
        compared = "" if not state.level else f" (one in {2**state.level} compared)"
        if not state.twice:
            return [self._finding("pass", f"none of {state.count:,} stands there twice{compared}", state)]
        return [
            self._finding("fail", f"{state.twice:,} of {state.count:,} stand there more than once{compared}", state)
        ]

    def _finding(self, verdict: str, message: str, state: Runs | None) -> Finding:
        twice, count = (state.twice, state.count) if state else (0, 1)
        shown = state.sample if state and len(self.columns) == 1 and abs(sum(state.sample)) < 2**52 else ()
        rows = tuple({self.columns[0]: number} for number in shown)
        return Finding(
            "gate", self.name, self.table, self.columns[0] if len(self.columns) == 1 else None, verdict, message,  # type: ignore[arg-type]
            subject=", ".join(self.columns), score=None if state is None else 1 - twice / count, weight=0.0,
            statistic=twice / count if state else None, threshold=0.0, count=twice, share=twice / count, rows=rows,
        )  # fmt: skip
