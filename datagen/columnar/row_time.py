"""When a row came to be: the attribute of its row source that is the row's time, or that of the nearest ancestor."""

from __future__ import annotations

from datagen.columnar.block import Ints, Rows


def births_above(rows: Rows) -> Ints | None:
    """When the parent of each row came to be, as far as anything above it says."""
    return moments(rows.up()) if rows.block.parent is not None else None


def moments(rows: Rows) -> Ints | None:
    """The moment of each row, int64 microseconds, shape (n,); None where no ancestor has one."""
    here: Rows | None = rows
    while here is not None:
        time = here.block.time
        if time is not None and time in here.block.attributes:
            return here.attribute(time).data  # type: ignore[no-any-return]
        here = here.up() if here.block.parent is not None else None
    return None
