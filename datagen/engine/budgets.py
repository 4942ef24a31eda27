"""Finds when budgets are spent: one pass over all rows that would be made without them, while planning.

Costs are added up per hour and row with a budget, as whole numbers, so the result does not depend on the order of the
pass. It is kept in the plan: every task knows when rows must end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Ints
from datagen.errors import PlanError
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.kinds.row_sources.support.budget import Costs

MOST_COSTED = 20_000_000
"""The most rows that are gone through."""
_PENDING = 4_000_000
_LARGEST = 2**62
_EPOCH = 2**31
"""Added to hours, so that they are not negative."""


def last_hours(limits: Ints, costs: Iterator[Costs]) -> dict[str, int]:
    """For each row whose budget is spent, by its position, the hour since 1970 at which rows that refer to it end.

    Raises PlanError for too many rows, or costs whose sums do not fit in 64 bits.
    """
    pending, rows, largest = [(np.zeros(0, np.int64), np.zeros(0, np.int64))], 0, 0
    for block in costs:
        rows, largest = rows + len(block.times), max(largest, int(block.units.max(initial=0)))
        if rows > MOST_COSTED:
            raise PlanError(
                f"a budget goes through all rows of its table while planning, at most {MOST_COSTED:,}; make the table "
                f"smaller, or leave the budget out"
            )
        if largest * rows > _LARGEST:
            raise PlanError(f"sums of {rows:,} costs of up to {largest} units exceed 64 bits; use fewer decimals")
        pending.append(((block.position << 32) + block.times // HOUR + _EPOCH, block.units))
        if sum(len(cells) for cells, _ in pending) > _PENDING:
            pending = [_added(pending)]
    return _spent(limits, *_added(pending))


def _added(parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """The distinct cells in order, with the sum of each."""
    cells = np.concatenate([one for one, _ in parts])
    sums = np.concatenate([other for _, other in parts])
    order = np.argsort(cells, kind="stable")
    cells, sums = cells[order], sums[order]
    begin = np.flatnonzero(np.diff(cells, prepend=-1))
    return cells[begin], np.add.reduceat(sums, begin) if len(begin) else sums


def _spent(limits: Ints, cells: Ints, sums: Ints) -> dict[str, int]:
    position, hours = cells >> 32, (cells & (2**32 - 1)) - _EPOCH
    total = np.cumsum(sums)
    begin = np.flatnonzero(np.diff(position, prepend=-1))
    before = np.repeat(total[begin] - sums[begin], np.diff(np.append(begin, len(cells))))
    over = np.flatnonzero(total - before > limits[position])
    at = over[np.flatnonzero(np.diff(position[over], prepend=-1))]
    return {str(one): hour for one, hour in zip(position[at].tolist(), hours[at].tolist(), strict=True)}
