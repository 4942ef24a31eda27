"""Chooses the parent of each table, the order of tables, distributions of fan-out and the popularity of references."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from datagen.interop.infer.distributions import Json, rounded
from datagen.interop.infer.source_table import SourceKey, SourceTable

_MOST_CHILDREN, _FEWEST_PARENTS, _FEWEST_ROWS = 500, 50, 20
"""A table of so many rows hangs below a parent with so many rows, and with at most so many children each; otherwise it
refers to it.
"""
_LEAST_SPAN = 1.5
"""Rows below each row that has some, from which on they are a tree and no chain."""
_DEEPEST = 40
"""Levels of a tree that are followed."""
_EVEN = 1.3
"""Variance over mean of counts up to which all rows are equally popular."""


def without_cycles(tables: dict[str, SourceTable], notes: list[str]) -> None:
    """Leave out foreign keys until no table refers to itself through others; those within one table stay."""
    while circle := _cycle(tables):
        nullable = [
            key for name in circle for key in tables[name].foreign_keys if key.table in circle and key.table != name
        ]
        weakest = min(nullable, key=lambda key: key.declared)
        name = next(name for name in circle if weakest in tables[name].foreign_keys)
        tables[name].foreign_keys.remove(weakest)
        notes.append(
            f"{name}.{weakest.column}: refers to '{weakest.table}', which refers back; it is left out as a key"
        )


def _cycle(tables: dict[str, SourceTable]) -> set[str]:
    """Tables that depend on each other, without those that only depend on them or are depended on."""
    above = {name: {key.table for key in table.foreign_keys} - {name} for name, table in tables.items()}
    while free := {name for name, targets in above.items() if not targets & set(above)}:
        above = {name: targets for name, targets in above.items() if name not in free}
    while idle := {name for name in above if not any(name in targets for targets in above.values())}:
        above = {name: targets for name, targets in above.items() if name not in idle}
    return set(above)


def parent_of(table: SourceTable, tables: dict[str, SourceTable], timed: Collection[str]) -> SourceKey | None:
    """The foreign key to the table that this one hangs below: always there, with the fewest children per row.

    An entity that arrives in time, and that others refer to, hangs below no table without a time (of the tables that
    are `timed`).
    """
    entity = table.name in timed and any(
        key.table == table.name for other in tables.values() for key in other.foreign_keys
    )
    best, fewest = None, float(_MOST_CHILDREN)
    for key in table.foreign_keys:
        column, other = table.columns[key.column], tables[key.table]
        if key.table == table.name or other.primary_key != (key.key,) or (entity and key.table not in timed):
            continue
        if column.cells is None and column.summary is None:
            if not column.nullable and best is None:
                best = key
        elif column.complete and (other.rows or 0) >= _FEWEST_PARENTS and (table.rows or 0) >= _FEWEST_ROWS:
            each = (table.rows or 0) / max(other.rows or 1, 1)
            if each < fewest:
                best, fewest = key, each
    return best


def pointed_to(key: SourceKey, table: SourceTable, other: SourceTable) -> NDArray[np.int64]:
    """The row of another table that each row points to, -1 for none; for the rows that were read."""
    cells, keys = table.columns[key.column].cells, other.columns[key.key].cells
    assert cells is not None and keys is not None
    return np.asarray(pc.fill_null(pc.index_in(cells, value_set=keys), -1)).astype(np.int64)


def fan_out(key: SourceKey, table: SourceTable, other: SourceTable) -> NDArray[np.int64]:
    """How many rows point to each row of another table, in its order; for the rows that were read."""
    positions = pointed_to(key, table, other)
    return np.bincount(positions[positions >= 0], minlength=other.read).astype(np.int64)


def count_distribution(counts: NDArray[np.int64]) -> Json:
    """The distribution of a number of children: constant, at most one, Poisson, geometric or negative binomial."""
    mean, variance = float(counts.mean()), float(counts.var())
    if variance == 0:
        return {"type": "constant", "value": int(counts[0])}
    if counts.max() == 1:
        return {"type": "bernoulli", "share": rounded(mean, 3)}
    least = int(counts.min())
    if least >= 1 and _near(variance, (mean - least) * (mean - least + 1)):
        return {"type": "geometric", "mean": rounded(mean, 4), "min": least}
    chance = 3 * (2 / len(counts)) ** 0.5  # of the variance of a Poisson sample over its mean
    if variance < (1.05 + chance) * mean:
        flat = (int(counts.max()) - least + 1) ** 2 / 12
        if _near(variance, flat) and variance < (0.95 - chance) * mean:
            return {"type": "uniform", "min": least, "max": int(counts.max())}
        return {"type": "poisson", "mean": rounded(mean, 4)}
    return {
        "type": "negative_binomial",
        "mean": rounded(mean, 4),
        "dispersion": rounded((variance - mean) / mean**2, 3),
    }


def _near(one: float, other: float) -> bool:
    return abs(one - other) <= 0.2 * max(one, other)


def popularity(counts: NDArray[np.int64]) -> Json | None:
    """A Zipf distribution of the ranks where rows are unequally popular: the exponent of the largest likelihood; None
    where they are not.
    """
    if len(counts) < 5 or counts.sum() < 5 * len(counts) or counts.var() <= _EVEN * counts.mean():
        return None
    ordered = np.sort(counts)[::-1]
    ranks = np.log(np.arange(1, len(ordered) + 1))
    exponents = np.arange(0.05, 3.0, 0.05)
    likelihood = [
        -s * float((ordered * ranks).sum()) - ordered.sum() * np.log(np.exp(-s * ranks).sum()) for s in exponents
    ]
    return {"type": "zipf", "exponent": rounded(float(exponents[int(np.argmax(likelihood))]), 2)}


def tree(above: NDArray[np.int64]) -> Json | None:
    """The tree whose levels have the sizes nearest to those of rows; `above` is the row above each, -1 on top. None for
    circles and chains, and where most rows are on top.
    """
    sizes, below = _level_sizes(above), above[above >= 0]
    if len(sizes) < 2 or 2 * sizes[0] > len(above) or len(below) < _LEAST_SPAN * len(np.unique(below)):
        return None
    roots = int(sizes[0])
    spans = np.concatenate([np.arange(_LEAST_SPAN, 10, 0.1), np.arange(10, max(len(above) / roots, 11), 1.0)])
    apart = [float(np.abs(_geometric(span, roots, len(above)) - np.pad(sizes, (0, _DEEPEST - len(sizes)))).sum())
             for span in spans]  # fmt: skip
    top = {"roots": roots} if roots > 1 else {}
    return {"type": "hierarchy", "span": rounded(float(spans[int(np.argmin(apart))]), 3), **top}


def _level_sizes(above: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many rows each level of a forest has; empty for circles and very deep ones."""
    level, here = np.zeros(len(above), np.int64), above
    for _ in range(_DEEPEST):
        there = here >= 0
        if not there.any():
            return np.bincount(level)
        level += there
        here = np.where(there, above[here], -1)
    return np.zeros(0, np.int64)


def _geometric(span: float, roots: int, rows: int) -> NDArray[np.float64]:
    """The sizes of levels, each `span` times the one above, of so many rows."""
    ends = np.cumsum(roots * span ** np.arange(_DEEPEST, dtype=np.float64))
    return np.diff(np.minimum(ends, rows), prepend=0.0)


def times_of(cells: Any) -> NDArray[np.int64]:
    """Microseconds since 1970 of timestamps or dates; none may be missing."""
    return np.asarray(pc.cast(pc.cast(cells, pa.timestamp("us")), pa.int64()))
