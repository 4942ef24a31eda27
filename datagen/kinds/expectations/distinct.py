"""The number of distinct values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import INT, Column, Type, Words
from datagen.columnar.cell_hashes import row_hashes
from datagen.kinds.expectations.support.aggregate import Aggregate, Reduction
from datagen.kinds.expectations.support.examples import expecting

MOST = 1 << 17
"""The most values that are kept exactly. Of more, an evenly sampled share is kept, with an error of about 0.3 %."""


@dataclass(frozen=True, slots=True, eq=False)
class DistinctSketch:
    """Different hashes, uint64, sorted. At `level` k only those whose top k bits are 0 are kept."""

    hashes: Words
    level: int = 0


class Distinct(Aggregate):
    """The number of different non-missing values of an expression: exact up to 131,072, else within about 1 %."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        expecting({"type": "distinct", "table": "orders", "expression": "MONTH(ordered_at)", "equals": 12}),
    )
    types: ClassVar[tuple[str, ...]] = (*Aggregate.types, "bool", "category", "text")
    span: ClassVar[tuple[float, float | None] | None] = (0.0, None)

    type: Literal["distinct"] = "distinct"

    def unit(self, given: Type) -> Type:
        return INT

    def reduction(self) -> Reduction:
        return Reduction(_observed, _merged, _value)


def _observed(values: Column) -> DistinctSketch:
    hashes = row_hashes([values])
    return _thinned(np.unique(hashes if values.valid is None else hashes[values.valid]), 0)


def _merged(one: DistinctSketch, other: DistinctSketch) -> DistinctSketch:
    level = max(one.level, other.level)
    return _thinned(np.unique(np.concatenate([_at(one.hashes, level), _at(other.hashes, level)])), level)


def _thinned(hashes: Words, level: int) -> DistinctSketch:
    while len(hashes) > MOST:
        level += 1
        hashes = _at(hashes, level)
    return DistinctSketch(hashes, level)


def _at(hashes: Words, level: int) -> Words:
    return hashes[: np.searchsorted(hashes, np.uint64(2 ** (64 - level)))] if level else hashes


def _value(state: DistinctSketch) -> float | None:
    return float(len(state.hashes) * 2**state.level)
