"""A sample of rows of a table, independent of the slices: those with the smallest hashes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import Block, Bools, Column, Floats, Ints, Rows, Words
from datagen.columnar.cell_hashes import cell_hashes
from datagen.random.streams import mix
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.metrics.constraints.base import present
from datagen.validation.realism.base import RealismTest

KEPT = 10_000
Form = Literal["number", "category", "text", "time"]


@dataclass(frozen=True, slots=True)
class SampledColumn:
    """A column for the realism tests. `name` may be that of an ancestor's column (`customers.segment`).

    `drawn` says whether it is drawn independently: not computed, summed or looked up. `nullable` is its declared
    nullability, and `plain` whether it is missing without a rule. An attribute `of_process` is computed from a process:
    other columns may depend on it, and it is not judged itself.
    """

    name: str
    form: Form
    scale: int = 0
    drawn: bool = True
    nullable: bool = False
    plain: bool = True
    of_process: bool = False

    @property
    def own(self) -> bool:
        return "." not in self.name


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """The cells of one column in the sampled rows: minor units or float64 for numbers, hashes for other types."""

    data: Any
    valid: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """`rows` were seen; those with the smallest `hashes`, ascending, were kept."""

    rows: int
    hashes: Words
    cells: dict[str, Cells]

    def __len__(self) -> int:
        return len(self.hashes)

    def floats(self, facet: SampledColumn) -> Floats:
        """The non-missing numbers, in major units."""
        cells = self.cells[facet.name]
        return cells.data[cells.valid] / 10.0**facet.scale  # type: ignore[no-any-return]


Judge = Callable[[str, Sample, tuple[SampledColumn, ...]], Iterable[Finding]]
"""Realism tests on the sample of a table."""


@dataclass(frozen=True, eq=False)
class SampleTests:
    """A sample of `table`, and every realism test on it."""

    table: str
    facets: tuple[SampledColumn, ...]
    key: str | None
    judges: tuple[Judge, ...]
    name: ClassVar[str] = "Sample"
    group: Group = "realism"

    def observe(self, part: Slice) -> Sample | None:
        block = part.block(self.table)
        if block is None or not len(block):
            return None
        hashes = self._hashes(block)
        chosen = np.argpartition(hashes, KEPT)[:KEPT] if len(hashes) > KEPT else np.arange(len(hashes))
        chosen = chosen[np.argsort(hashes[chosen])]
        rows = Rows(block, chosen)
        return Sample(len(block), hashes[chosen], {f.name: _cells(rows.column(f.name)) for f in self.facets})

    def _hashes(self, block: Block) -> Words:
        """Hashes of the key if there is one, else of the row's position."""
        own = block.index if self.key is None else block.columns[self.key].data
        return mix(mix(own.astype(np.int64).view(np.uint64)) + np.uint64(1))

    def merge(self, one: Sample, other: Sample) -> Sample:
        hashes = np.concatenate([one.hashes, other.hashes])
        order = np.argsort(hashes, kind="stable")[:KEPT]
        cells = {
            name: Cells(
                np.concatenate([cells.data, other.cells[name].data])[order],
                np.concatenate([cells.valid, other.cells[name].valid])[order],
            )
            for name, cells in one.cells.items()
        }
        return Sample(one.rows + other.rows, hashes[order], cells)

    def findings(self, state: Sample | None) -> list[Finding]:
        if state is None:
            return [RealismTest(self.name, self.table).not_applicable("there are no rows")]
        return [finding for judge in self.judges for finding in judge(self.table, state, self.facets)]


def _cells(values: Column) -> Cells:
    valid = present(values.valid, len(values))
    if values.type.name in ("int", "decimal", "float", "duration", "timestamp", "date"):
        return Cells(values.data, valid)
    return Cells(values.data.astype(np.int64) if values.type.name == "bool" else cell_hashes(values), valid)


def ranks(numbers: Floats | Ints) -> Floats:
    """Mean ranks from 0, with equal ranks for ties, shape (n,)."""
    _, place, many = np.unique(numbers, return_inverse=True, return_counts=True)
    ends = np.cumsum(many)
    middles: Floats = ends - (many + 1) / 2.0
    return middles[place]
