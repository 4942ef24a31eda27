"""Finds when budgets are spent: one pass over all rows that would be made without them, while planning.

Costs are added up per hour and row with a budget, as whole numbers, so the result does not depend on the order of the
pass. It is kept in the plan: every task knows when rows must end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from datagen.columnar.block import Ints
from datagen.errors import PlanError
from datagen.time_units import HOUR

if TYPE_CHECKING:
    from datagen.kinds.row_sources.support.budget import Costs

MOST_COSTED = 20_000_000
"""About the most rows that are gone through."""
_PENDING = 500_000
_LIMB = 30
"""Costs are added up in two parts, below and above this bit: as many as there are do not exceed 64 bits."""
_LOW = 2**_LIMB - 1
_EPOCH = 2**31
"""Added to hours, so that they are not negative."""
_HOUR = 2**32 - 1


def check_size(table: str, rows: int) -> None:
    """Raises PlanError if a table of about so many rows is too large for a budget."""
    if rows > MOST_COSTED:
        raise PlanError(
            f"a budget goes through all rows of its table while planning, at most {MOST_COSTED:,}, and '{table}' has "
            f"about {rows:,} without it; make the table smaller, or leave the budget out"
        )


@dataclass(eq=False)
class BudgetedRows:
    """All rows below a table, of which some come after their budget is spent: how many are below each parent, how many
    of these have a budget, and the hour of each of them.
    """

    parts: list[tuple[Ints, Ints, Ints]] = field(default_factory=list)

    def noted(self, costs: Iterator[Costs]) -> Iterator[Costs]:
        """The same costs, of which the rows are noted."""
        for block in costs:
            self.parts.append((block.below.astype(np.int32), block.costed.astype(np.int32), _hours(block)))
            yield block

    def kept(self, ends: Mapping[str, int]) -> Ints:
        """The number of rows below each parent that come before their budget is spent, int32 (parents,)."""
        found = [np.zeros(0, np.int32)]
        last = np.full(max((int(one) for one in ends), default=0) + 2, 2**32, np.int64)
        last[[int(one) for one in ends]] = [hour + _EPOCH for hour in ends.values()]
        for below, costed, hours in self.parts:
            late = hours & _HOUR >= last[np.minimum(hours >> 32, len(last) - 1)]
            before = np.concatenate(([0], np.cumsum(late)))
            stop = np.cumsum(costed)
            found.append((below - before[stop] + before[stop - costed]).astype(np.int32))
        return np.concatenate(found)


def _hours(costs: Costs) -> Ints:
    """The position of the row with the budget and the hour of each cost, as one number."""
    hours = costs.times // HOUR
    hours += _EPOCH
    hours |= costs.position << 32
    return hours


def last_hours(limits: Ints, costs: Iterator[Costs]) -> dict[str, int]:
    """For each row whose budget is spent, by its position, the hour since 1970 at which rows that refer to it end."""
    pending, rows = [_Cells.none()], 0
    for block in costs:
        pending.append(_summed(_Cells(_hours(block), block.units >> _LIMB, block.units & _LOW)))
        rows += len(pending[-1].cells)
        if rows > max(_PENDING, len(pending[0].cells)):
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


def _summed(rows: _Cells) -> _Cells:
    """The sums of the cells of some rows; of all rows as they are, where they are spread over many cells."""
    size = len(rows.cells)
    if not size:
        return rows
    hours = rows.cells & _HOUR
    first = int(hours.min())
    hours -= first
    span = int(hours.max()) + 1
    many = span * (int((rows.cells >> 32).max()) + 1)
    if many > size:
        return rows
    at = (rows.cells >> 32) * span + hours
    high, low, there = np.zeros(many, np.int64), np.zeros(many, np.int64), np.zeros(many, np.bool_)
    np.add.at(high, at, rows.high)
    np.add.at(low, at, rows.low)
    there[at] = True
    position, hour = np.divmod(np.flatnonzero(there), span)
    return _Cells((position << 32) + hour + first, (high + (low >> _LIMB))[there], (low & _LOW)[there])


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
    position, hours = sums.cells >> 32, (sums.cells & _HOUR) - _EPOCH
    begin = np.flatnonzero(np.diff(position, prepend=-1))
    each = np.diff(np.append(begin, len(position)))
    high, low = (np.cumsum(one) - np.repeat(np.cumsum(one)[begin] - one[begin], each) for one in sums[1:])
    high, low, limit = high + (low >> _LIMB), low & _LOW, limits[position]
    over = np.flatnonzero((high > limit >> _LIMB) | ((high == limit >> _LIMB) & (low > limit & _LOW)))
    at = over[np.flatnonzero(np.diff(position[over], prepend=-1))]
    return {str(one): hour for one, hour in zip(position[at].tolist(), hours[at].tolist(), strict=True)}
