"""Ranges of rows of a descendant table below the rows of a common ancestor."""

from __future__ import annotations

from typing import Any

import numpy as np

from datagen.columnar.block import Ints


def spans(block: Any, table: str) -> tuple[Ints, Ints]:
    """For each row of `block`, the first row of a descendant table (dense index) and the number of rows."""
    below, starts, counts = descendants(block, table)
    return starts + below.first, counts


def descendants(block: Any, table: str) -> tuple[Any, Ints, Ints]:
    """The block of a descendant table, and for each row of `block` its first row there and the number of rows."""
    chain: list[Any] = []
    below = _descend(block, table, chain)
    starts = np.arange(len(block) + 1)
    for step in chain:
        starts = np.concatenate((step.starts, [len(step)]))[starts]
    return below, starts[:-1], np.diff(starts)


def _descend(block: Any, table: str, chain: list[Any]) -> Any:
    for child in block.children.values():
        chain.append(child)
        if child.table == table:
            return child
        found = _descend(child, table, chain)
        if found is not None:
            return found
        chain.pop()
    return None
