"""Realism tests of the numbers of children per parent and references per row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from datagen.columnar.block import Ints, Words
from datagen.random.streams import mix
from datagen.validation.metrics.base import Finding, Group, Slice
from datagen.validation.realism.base import RealismTest
from datagen.validation.realism.count_histogram import CountHistogram, shape_findings, shape_of, tallied, unequal

KEPT = 20_000
"""The number of counted referenced rows: those with the smallest hashes of their keys."""


@dataclass(frozen=True, eq=False)
class ChildrenPerParent:
    """The rows of `table`, which come over time, below each row of its parent."""

    table: str
    parent: str
    name: ClassVar[str] = "UnequalParents"
    group: Group = "realism"

    def observe(self, part: Slice) -> CountHistogram | None:
        block = part.block(self.table)
        if block is None or block.counts is None:
            return None
        return shape_of(block.counts)

    def merge(self, one: CountHistogram, other: CountHistogram) -> CountHistogram:
        return one.merged(other)

    def findings(self, state: CountHistogram | None) -> list[Finding]:
        if state is None:
            return [RealismTest(self.name, self.table).not_applicable("there are no rows")]
        return list(shape_findings(self.table, state, f"{self.table} per row of {self.parent}"))


@dataclass(frozen=True, slots=True, eq=False)
class KeySample:
    """Referenced keys and their frequencies, by ascending hash; `whole` while no key was dropped."""

    keys: Ints
    hashes: Words
    times: Ints
    whole: bool = True


@dataclass(frozen=True, eq=False)
class ReferencesPerRow:
    """How often rows of another table (`size` of them) are referred to by `column`."""

    table: str
    column: str
    target: str
    size: int
    name: ClassVar[str] = "UnequalReferences"
    group: Group = "realism"

    def observe(self, part: Slice) -> KeySample | None:
        block = part.block(self.table)
        if block is None:
            return None
        values = block.columns[self.column]
        keys = values.data if values.valid is None else values.data[values.valid]
        found, times = np.unique(keys, return_counts=True)
        return _kept(found, mix(found.view(np.uint64)), times)

    def merge(self, one: KeySample, other: KeySample) -> KeySample:
        keys, place = np.unique(np.concatenate([one.keys, other.keys]), return_inverse=True)
        times = np.bincount(place, weights=np.concatenate([one.times, other.times])).astype(np.int64)
        merged = _kept(keys, mix(keys.view(np.uint64)), times)
        if one.whole and other.whole:
            return merged
        # a part may have dropped references to keys beyond its last kept one
        last = min(part.hashes[-1] for part in (one, other) if not part.whole)
        sure = merged.hashes <= last
        return KeySample(merged.keys[sure], merged.hashes[sure], merged.times[sure], whole=False)

    def findings(self, state: KeySample | None) -> list[Finding]:
        sign = RealismTest(self.name, self.table, self.column, f"{self.table} per row of {self.target}")
        if state is None or not len(state.keys):
            return [sign.not_applicable("there are no rows")]
        return [unequal(sign, self._shape(state))]

    def _shape(self, state: KeySample) -> CountHistogram:
        """The shape including rows without references, estimated from the hashes if keys were dropped."""
        share = 1.0 if state.whole else float(state.hashes[-1]) / 2.0**64
        never = max(round(self.size * share) - len(state.keys), 0)
        alone = np.ones(len(state.times) + 1, np.int64)
        alone[0] = never
        return tallied(np.append(0, state.times), alone)


def _kept(keys: Ints, hashes: Words, times: Ints) -> KeySample:
    order = np.argsort(hashes)[:KEPT]
    return KeySample(keys[order], hashes[order], times[order], len(keys) <= KEPT)
