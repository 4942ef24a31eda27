"""Whether the rows of a table are in the order of time, as a reference of the table to itself needs it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Column, Ints
from datagen.kinds.generators.support.column_lookup import ancestors

if TYPE_CHECKING:
    from datagen.scope import Table

TIMELESS = 2**62
"""The place of a row whose time is missing: it is not earlier than any."""


def timed_table(table: str, tables: Mapping[str, Table]) -> str | None:
    """The table whose rows give the rows of `table` their time: itself, or the nearest ancestor with times. None if
    there is none, or if that is not known.
    """
    seen: set[str] = set()
    name: str | None = table
    while name is not None and name in tables and name not in seen:
        times = tables[name].row_times
        if times:
            return name if len(times) == 1 else None
        seen.add(name)
        name = tables[name].parent
    return None


def disordered(table: str, within: str | None, tables: Mapping[str, Table]) -> str | None:
    """The table below whose rows alone the rows of `table` are in the order of time, where `within` is above it, or
    where they are chosen from the whole table (None). None if they are in the order of time anyway, or have no time.

    The rows of a source are in the order of time below each parent, and those of a root table throughout.
    """
    timed = timed_table(table, tables)
    parent = None if timed is None else tables[timed].parent
    if parent is None or parent not in tables:
        return None
    return parent if within is None or within in ancestors(parent, tables) else None


def places(owner: Ints, times: Column) -> Ints:
    """The place of each row in the order of its owner, its time and its position, int64 (n,); `TIMELESS` where its time
    is missing.
    """
    found = np.empty(len(times), np.int64)
    found[np.lexsort((times.data, owner))] = np.arange(len(times))
    return found if times.valid is None else np.where(times.valid, found, TIMELESS)
