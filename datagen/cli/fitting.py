"""Lays out a wide table in blocks of columns, each with the key."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = 3
"""Characters between two columns."""
LEAST = 8
"""The smallest width of a cut column, in characters."""
WIDEST = 36
"""The largest width of a cell, in characters, if the whole table does not fit."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """One column of a block: its position in the table and how wide it is shown."""

    column: int
    width: int


def blocks(widths: Sequence[int], keys: Sequence[int], room: int) -> list[list[Fitted]]:
    """The columns of a table in blocks of at most `room` characters.

    `widths` are the full widths of the columns. `keys` are the positions of the columns that begin every block; they
    are not cut as long as another column of `LEAST` characters fits beside them. All columns are shown; those that are
    too wide are cut.
    """
    if _total(widths) <= room:
        return [[Fitted(i, width) for i, width in enumerate(widths)]]
    head = _head(widths, keys, room)
    left = room - _total([one.width for one in head]) - (GAP if head else 0)
    rest = [i for i in range(len(widths)) if i not in {one.column for one in head}]
    return [[*head, *block] for block in _wrapped(widths, rest, max(left, 1))] or [head]


def _head(widths: Sequence[int], keys: Sequence[int], room: int) -> list[Fitted]:
    head: list[Fitted] = []
    for key in keys:
        if _total([*(one.width for one in head), widths[key]]) + GAP + LEAST <= room:
            head.append(Fitted(key, widths[key]))
    return head


def _wrapped(widths: Sequence[int], columns: Sequence[int], room: int) -> Iterator[list[Fitted]]:
    block: list[Fitted] = []
    for column in columns:
        width = min(widths[column], WIDEST, room)
        if block and _total([*(one.width for one in block), width]) > room:
            yield block
            block = []
        block.append(Fitted(column, width))
    if block:
        yield block


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * max(len(widths) - 1, 0)
