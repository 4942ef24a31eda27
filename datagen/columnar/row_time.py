"""The time of a row: its own time attribute, or that of the nearest ancestor with one."""

from __future__ import annotations

from datagen.columnar.block import Ints, Rows


def births_above(rows: Rows) -> Ints | None:
    """The time of the parent of each row, or of the nearest ancestor with one."""
    return moments(rows.up()) if rows.block.parent is not None else None


def moments(rows: Rows) -> Ints | None:
    """The time of each row, int64 microseconds, shape (n,); None if no ancestor has one."""
    for block in rows.block.lineage():
        if block.time is not None and block.time in block.attributes:
            return rows.above(block.table).attribute(block.time).data  # type: ignore[no-any-return]
    return None
