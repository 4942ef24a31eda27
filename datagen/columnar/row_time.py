"""When a row came to be: the mark of its row source, or of the nearest ancestor that has one."""

from __future__ import annotations

from datagen.columnar.block import Ints, Rows

MARKS = ("event_time", "arrival_time")


def moments(rows: Rows) -> Ints | None:
    """The moment of each row, int64 microseconds, shape (n,); None where no ancestor has one."""
    here: Rows | None = rows
    while here is not None:
        for mark in MARKS:
            if mark in here.block.marks:
                return here.mark(mark)
        here = here.up() if here.block.parent is not None else None
    return None
