"""Finds when budgets are spent: one pass over all rows that would be made without them, while planning.

Costs are added up per hour and row with a budget, as whole numbers, so the result does not depend on the order of the
pass. It is kept in the plan: every task knows when rows must end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from datagen.columnar.block import Ints
from datagen.errors import PlanError
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.kinds.row_sources.support.budget import Costs

MOST_COSTED = 20_000_000
"""About the most rows that are gone through."""
_PENDING = 4_000_000
_LIMB = 30
"""Costs are added up in two parts, below and above this bit: as many as there are do not exceed 64 bits."""
_LOW = 2**_LIMB - 1
_EPOCH = 2**31
"""Added to hours, so that they are not negative."""


def goes_through(table: str, rows: int) -> None:
    """Raises PlanError if a table of about so many rows is too large for a budget."""
    if rows > MOST_COSTED:
        raise PlanError(
            f"a budget goes through all rows of its table while planning, at most {MOST_COSTED:,}, and '{table}' has "
            f"about {rows:,} without it; make the table smaller, or leave the budget out"
        )


def last_hours(limits: Ints, costs: Iterator[Costs]) -> dict[str, int]:
    """For each row whose budget is spent, by its position, the hour since 1970 at which rows that refer to it end."""
    pending, rows = [_Cells.none()], 0
    for block in costs:
        cells = (block.position << 32) + block.times // HOUR + _EPOCH
        pending.append(_Cells(cells, block.units >> _LIMB, block.units & _LOW))
        rows += len(cells)
        if rows > _PENDING:
            pending = [_added(pending)]
            rows = 0
    return _spent(limits, _added(pending))


class _Cells(NamedTuple):
    """Hours of rows with a budget, and the costs in them: the bits from `_LIMB` on, and those below."""

    cells: Ints
    high: Ints
    low: Ints

    @classmethod
    def none(cls) -> _Cells:
        return cls(*(np.zeros(0, np.int64) for _ in range(3)))


def _added(parts: list[_Cells]) -> _Cells:
    """The distinct cells in order, with the sum of each."""
    cells, high, low = (np.concatenate(one) for one in zip(*parts, strict=True))
    order = np.argsort(cells, kind="stable")
    begin = np.flatnonzero(np.diff(cells[order], prepend=-1))
    if not len(begin):
        return _Cells.none()
    lows = np.add.reduceat(low[order], begin)
    return _Cells(cells[order][begin], np.add.reduceat(high[order], begin) + (lows >> _LIMB), lows & _LOW)


def _spent(limits: Ints, sums: _Cells) -> dict[str, int]:
    position, hours = sums.cells >> 32, (sums.cells & (2**32 - 1)) - _EPOCH
    begin = np.flatnonzero(np.diff(position, prepend=-1))
    each = np.diff(np.append(begin, len(position)))
    high, low = (np.cumsum(one) - np.repeat(np.cumsum(one)[begin] - one[begin], each) for one in sums[1:])
    high, low, limit = high + (low >> _LIMB), low & _LOW, limits[position]
    over = np.flatnonzero((high > limit >> _LIMB) | ((high == limit >> _LIMB) & (low > limit & _LOW)))
    at = over[np.flatnonzero(np.diff(position[over], prepend=-1))]
    return {str(one): hour for one, hour in zip(position[at].tolist(), hours[at].tolist(), strict=True)}
