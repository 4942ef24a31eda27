"""Touches by kind: their number and amounts, the rows that they caused, and their credits under each rule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pyarrow.compute as pc

from datagen.columnar.block import Block, Column, Floats, Ints
from datagen.declarations.processes import ChannelDeclaration
from datagen.errors import Absent
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.registry import judges
from datagen.validation.report import chart_data
from datagen.validation.report.number_format import MISSING, digits

Sums = dict[str, Floats]
"""For each kind its sums, shape (columns,)."""


@judges(ChannelDeclaration)
@dataclass(frozen=True, eq=False)
class Channels(ChannelDeclaration):
    """Nothing is judged: the report shows the table."""

    name: ClassVar[str] = "Channels"
    group: Group = "time"

    @property
    def _columns(self) -> tuple[str, ...]:
        table, _, amounts = self.touches
        return (table, *amounts, *(("caused",) if self.caused else ()), *self.credits)

    def observe(self, part: Slice) -> Sums | None:
        touches, by, amounts = self.touches
        found: Sums = {}
        try:
            self._add(found, part.block(touches), by, (None, *amounts))
            if self.caused is not None:
                self._add(found, part.block(self.caused[0]), self.caused[1], (None,), 1 + len(amounts))
            self._add(found, part.block(self.table), self.kind, self.credits, len(self._columns) - len(self.credits))
        except Absent:
            return None
        return found

    def _add(self, found: Sums, block: Block | None, by: str, measures: tuple[str | None, ...], first: int = 0) -> None:
        """Adds the sums of these measures of a table, by the words of a column; None counts rows."""
        if block is None:
            return
        kinds = block.columns[by]
        words, codes = _coded(kinds)
        for number, measure in enumerate(measures, first):
            values = np.ones(len(codes)) if measure is None else _plain(block.columns[measure])
            sums = np.bincount(codes, values, minlength=len(words) + 1)
            for word, total in zip(words, sums[:-1].tolist(), strict=True):
                found.setdefault(word, np.zeros(len(self._columns)))[number] += total

    def merge(self, one: Sums, other: Sums) -> Sums:
        empty = np.zeros(len(self._columns))
        return {kind: one.get(kind, empty) + other.get(kind, empty) for kind in {**one, **other}}

    def findings(self, state: Sums | None) -> list[Finding]:
        if not state:
            return []
        order = sorted(state, key=lambda kind: (-state[kind][-len(self.credits) :].sum(), kind))
        cells = np.array([state[kind] for kind in order])
        parts = cells / np.maximum(cells.sum(axis=0), 1e-300)
        chart = chart_data.heatmap(
            f"{self.table}: what each {self.touches[1]} brings", order, self._columns, parts,
            [[digits(value) if np.isfinite(value) else MISSING for value in row] for row in cells.tolist()],
            x="sums; the colour is the part of the column", y=self.touches[1], span=(0.0, 1.0),
        )  # fmt: skip
        message = f"{len(order)} kinds of {self.touches[0]}"
        return [Finding(self.group, self.name, self.table, self.kind, "pass", message, weight=0.0, details=chart)]


def _coded(kinds: Column) -> tuple[list[str], Ints]:
    """The words of a column, and the code of each cell; the number of words where a cell is missing."""
    coded = pc.dictionary_encode(kinds.texts)
    words = coded.dictionary.to_pylist()
    codes = coded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    return words, codes if kinds.valid is None else np.where(kinds.valid, codes, len(words))


def _plain(column: Column) -> Floats:
    return np.where(column.valid, column.as_floats(), 0.0) if column.valid is not None else column.as_floats()
