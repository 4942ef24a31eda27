"""A parent and a child table in memory, as a measure sees them."""

from __future__ import annotations

import numpy as np

from datagen.columnar.block import TIMESTAMP, Block, Column

DAY = 86_400_000_000
START, END = 19_000 * DAY, 19_731 * DAY
"""Two years."""


class TwoTables:
    """`parents` rows, each born at `born`, and events at `times` below the parents `owner` (ascending)."""

    def __init__(self, parents, owner, times, born=None):
        owner, times = np.asarray(owner, np.int64), np.asarray(times, np.int64)
        above = Block("users", 0, np.arange(parents, dtype=np.uint64))
        if born is not None:
            above.attributes["arrival_time"] = Column(TIMESTAMP, born)
            above.time = "arrival_time"
        counts = np.bincount(owner, minlength=parents).astype(np.int64)
        below = Block("events", 0, np.arange(len(owner), dtype=np.uint64), above, owner, counts)
        below.columns["at"] = Column(TIMESTAMP, times)
        self.blocks = {"users": above, "events": below}

    def block(self, table):
        return self.blocks.get(table)


def poisson(parents=3000, mean=40.0, seed=1, start=START, end=END):
    """Owners and times of events by pure chance."""
    r = np.random.default_rng(seed)
    owner = np.repeat(np.arange(parents), r.poisson(mean, parents))
    times = r.integers(start, end, len(owner))
    order = np.lexsort((times, owner))
    return owner[order], times[order]
