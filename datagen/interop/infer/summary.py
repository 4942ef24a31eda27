"""Statistics of all rows of a table in bounded memory, which merge: row counts, missing cells, categories, keys, days.

Every part is exact and counted in whole numbers, so that one worker and many give the same result. The sketch of keys
is the bottom-k sketch of Cohen and Kaplan (2007): the distinct values of the smallest hashes, with their counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.columnar.cell_hashes import text_hashes
from datagen.random.streams import mix
from datagen.time_units import DAY, HOUR

Words = NDArray[np.uint64]
K = TypeVar("K")

MOST_VALUES, MOST_DAYS, SKETCH = 1000, 40_000, 4096
"""Distinct values, days and hashes that the summary of a column holds: at most about 5 MB."""


def hashes(cells: pa.Array) -> Words:
    """A 64-bit hash of each cell, shape (n,), equal for equal whole numbers and texts; arbitrary for missing cells."""
    if pa.types.is_string(cells.type):
        return text_hashes(pc.fill_null(cells, ""))
    return mix(np.asarray(pc.fill_null(cells, 0)).astype(np.int64).view(np.uint64))


@dataclass(frozen=True, slots=True)
class KeySketch:
    """The smallest distinct hashes of a column, ascending, and how many cells have each."""

    hashes: Words
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, cells: pa.Array) -> KeySketch:
        """The sketch of cells; missing ones are left out."""
        found, counts = np.unique(hashes(pc.drop_null(cells)), return_counts=True)
        return cls(found[:SKETCH], counts[:SKETCH].astype(np.int64))

    def merged(self, other: KeySketch) -> KeySketch:
        """The sketch of the cells of both."""
        found, where = np.unique(np.concatenate([self.hashes, other.hashes]), return_inverse=True)
        counts = np.zeros(len(found), np.int64)
        np.add.at(counts, where, np.concatenate([self.counts, other.counts]))
        return KeySketch(found[:SKETCH], counts[:SKETCH])

    @property
    def is_unique(self) -> bool:
        """Whether no value comes twice; of more than `SKETCH` values, judged by so many of them."""
        return len(self.counts) > 0 and bool((self.counts == 1).all())

    def is_within(self, other: KeySketch) -> bool:
        """Whether the values are among those of another column, judged by the hashes that both would hold."""
        full = len(other.hashes) >= SKETCH
        asked = self.hashes[self.hashes <= other.hashes[-1]] if full else self.hashes
        return len(asked) > 0 and bool(np.isin(asked, other.hashes, assume_unique=True).all())


@dataclass(slots=True)
class ColumnSummary:
    """One column: `values` counts each distinct value, None where there are too many; `days` counts each day since 1970
    of a column of times, and `hours` those of the day.
    """

    rows: int = 0
    nulls: int = 0
    low: int | None = None
    values: dict[object, int] | None = field(default_factory=dict)
    days: dict[int, int] | None = field(default_factory=dict)
    hours: NDArray[np.int64] = field(default_factory=lambda: np.zeros(24, np.int64))
    sketch: KeySketch | None = None

    def add(self, cells: pa.Array) -> None:
        """Count further cells."""
        self.rows += len(cells)
        self.nulls += cells.null_count
        present = pc.drop_null(cells)
        if pa.types.is_timestamp(cells.type) or pa.types.is_date(cells.type):
            self._add_times(np.asarray(pc.cast(pc.cast(present, pa.timestamp("us")), pa.int64())))
        elif not pa.types.is_nested(cells.type):
            if self.values is not None:
                self.values = _merged(self.values, _counted(present), MOST_VALUES)
            self._add_keys(cells, present)

    def _add_keys(self, cells: pa.Array, present: pa.Array) -> None:
        if pa.types.is_integer(cells.type) or pa.types.is_string(cells.type):
            one = KeySketch.of(cells)
            self.sketch = one if self.sketch is None else self.sketch.merged(one)
        if pa.types.is_integer(cells.type) and len(present):
            least = int(pc.min(present).as_py())
            self.low = least if self.low is None else min(self.low, least)

    def _add_times(self, times: NDArray[np.int64]) -> None:
        days, counts = np.unique(times // DAY, return_counts=True)
        if self.days is not None:
            self.days = _merged(self.days, dict(zip(days.tolist(), counts.tolist(), strict=True)), MOST_DAYS)
        self.hours = self.hours + np.bincount((times % DAY) // HOUR, minlength=24)

    def merge(self, other: ColumnSummary) -> None:
        """Add what another summary has counted."""
        self.rows, self.nulls = self.rows + other.rows, self.nulls + other.nulls
        lows = [one for one in (self.low, other.low) if one is not None]
        self.low = min(lows) if lows else None
        self.values = _merged(self.values, other.values, MOST_VALUES)
        self.days = _merged(self.days, other.days, MOST_DAYS)
        self.hours = self.hours + other.hours
        if self.sketch is None or other.sketch is None:
            self.sketch = self.sketch or other.sketch
        else:
            self.sketch = self.sketch.merged(other.sketch)


def _counted(present: pa.Array) -> dict[object, int] | None:
    counted = pc.value_counts(present)
    if len(counted) > MOST_VALUES:
        return None
    return dict(zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True))


def _merged(one: dict[K, int] | None, other: dict[K, int] | None, most: int) -> dict[K, int] | None:
    """The sums of counts; None where there are more than so many, or were."""
    if one is None or other is None:
        return None
    made = dict(one)
    for key, count in other.items():
        made[key] = made.get(key, 0) + count
    return made if len(made) <= most else None
