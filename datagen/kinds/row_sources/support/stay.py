"""The interval in which parents have events."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from datagen.columnar.block import Ints, Rows
from datagen.columnar.row_time import moments


@dataclass(frozen=True, slots=True)
class Stay:
    """The interval in which parents have events, microseconds (n,) each, within `bounds`, without lifetimes."""

    since: str | None
    until: str | None
    bounds: tuple[int, int]

    def __call__(self, rows: Rows) -> tuple[Ints, Ints]:
        start = np.full(len(rows), self.bounds[0], np.int64)
        end = np.full(len(rows), self.bounds[1], np.int64)
        born = moments(rows)
        if born is not None:
            start = np.maximum(born, start)
        if self.since:
            since = rows.column(self.since)
            start = np.where(True if since.valid is None else since.valid, np.maximum(start, since.data), end)
        if self.until:
            until = rows.column(self.until)
            end = np.where(True if until.valid is None else until.valid, np.minimum(end, until.data), end)
        return start, end
