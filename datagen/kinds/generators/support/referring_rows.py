"""Aggregates over the rows that refer to a row, such as sums, in one pass over the blocks of the referring table.

Each process makes the pass once, when it needs the first cell. The blocks depend on row identities alone, so every
process computes the same aggregates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pyarrow as pa

from datagen.columnar.block import CATEGORY, Block, Bools, Column, Ints, Rows, as_numpy, indices
from datagen.columnar.text import text_array
from datagen.errors import Absent, ValueFault

_LARGEST = 2**63 - 1


class Values(Protocol):
    """The cells of some rows."""

    def __call__(self, rows: Rows) -> Column: ...


@dataclass(frozen=True, slots=True)
class ReferringRows:
    """The rows of `scan`, each with the key of a row in column `keys`. The rows they point to have keys from `start` on
    in column `own`, and there are `size` of them.
    """

    scan: Callable[[], Iterator[Block]]
    keys: str
    own: str
    start: int
    size: int

    def at(self, rows: Rows) -> Ints:
        """The position of these rows among all of their table."""
        found: Ints = rows.column(self.own).data - self.start
        return found

    def _pointed(self, block: Block, counted: Bools | None) -> tuple[Ints, Ints]:
        """The positions of the rows of a block that count, and of the rows that they point to."""
        keys = block.columns[self.keys]
        index = keys.data - self.start
        there = (index >= 0) & (index < self.size)
        for mask in (keys.valid, counted):
            there = there if mask is None else there & mask
        at = np.flatnonzero(there)
        return at, index[at]

    def sums(self, numbers: Values, condition: Callable[[Rows], Bools | None]) -> Ints:
        """The sum of int64 numbers over the rows that refer to each row, int64 (size,). Raises ValueFault."""
        totals, most, rows = np.zeros(self.size, np.int64), 0, 0
        for block in self.scan():
            values = numbers(Rows(block))
            counted = condition(Rows(block))
            at, index = self._pointed(block, _both(values.valid, counted))
            cells = values.data[at]
            most, rows = max(most, int(np.abs(cells).max(initial=0))), rows + len(at)
            if most * rows > _LARGEST:
                raise ValueFault(f"sums of {rows:,} numbers up to {most} may not fit in 64 bits; use fewer decimals")
            np.add.at(totals, index, cells)
        return totals

    def picks(
        self, values: Values, order: Values | None, condition: Callable[[Rows], Bools | None], *, last: bool
    ) -> Column:
        """The cell of the first or last row, by `order` or in row order, of those that refer to each row; missing where
        there is none. Of equal ones in the order the first row counts.
        """
        best = _Best(self.size, last)
        for block in self.scan():
            rows = Rows(block)
            keys = order(rows) if order is not None else None
            at, index = self._pointed(block, _both(None if keys is None else keys.valid, condition(rows)))
            best.add(index, None if keys is None else keys.data[at], values(rows).take(at))
        return best.cells


class _Best:
    """The best row so far of each of `size` rows."""

    def __init__(self, size: int, last: bool) -> None:
        self._last, self._found = last, np.zeros(size, np.bool_)
        self._keys: np.ndarray | None = None
        self._cells: Column | None = None

    @property
    def cells(self) -> Column:
        """The cells of the best rows. Raises Absent if no block was added."""
        if self._cells is None:
            raise Absent("there are no rows to aggregate")
        cells = self._cells.where(self._found)
        return cells if cells.type != CATEGORY else _coded(cells)

    def add(self, index: Ints, keys: np.ndarray | None, cells: Column) -> None:
        """Rows of the next block: the row each points to, what it is ordered by, and what it says."""
        cells = _plain(cells)
        size = len(self._found)
        if self._cells is None:
            self._cells = _empty(cells, size)
            self._keys = None if keys is None else np.zeros(size, keys.dtype)
        at = picked(index, keys, last=self._last)
        there, known = index[at], self._found[index[at]]
        if keys is not None and self._keys is not None:
            mine = self._keys[there]
            better = ~known | (keys[at] > mine if self._last else keys[at] < mine)
            at, there = at[better], there[better]
            self._keys[there] = keys[at]
        elif not self._last:
            at, there = at[~known], there[~known]
        self._found[there] = True
        self._cells = _replaced(self._cells, there, cells.take(at))


def picked(owner: Ints, keys: np.ndarray | None, *, last: bool) -> Ints:
    """The position of the first or last row of each owner, by `keys` or in row order; of equal keys the first row."""
    at = np.arange(len(owner))
    if keys is not None:
        ranks = np.unique(keys, return_inverse=True)[1]
        order = np.lexsort((-ranks if last else ranks, owner))
    else:
        order = np.lexsort((-at if last else at, owner))
    return order[np.flatnonzero(np.diff(owner[order], prepend=-1))]


def _both(one: Bools | None, other: Bools | None) -> Bools | None:
    return other if one is None else one if other is None else one & other


def _plain(cells: Column) -> Column:
    """A category as text: blocks may have different dictionaries."""
    return Column(CATEGORY, cells.texts, cells.valid) if cells.type == CATEGORY else cells


def _coded(cells: Column) -> Column:
    """Texts as a category, with the words in the order of the alphabet."""
    coded = cells.data.dictionary_encode()
    words = coded.dictionary.to_pylist()
    order = sorted(range(len(words)), key=words.__getitem__)
    place = np.empty(len(words), np.int32)
    place[order] = np.arange(len(words), dtype=np.int32)
    codes = place[as_numpy(coded.indices)] if len(words) else np.zeros(0, np.int32)
    return Column(CATEGORY, codes, cells.valid, text_array([words[i] for i in order] or [""]))


def _empty(like: Column, size: int) -> Column:
    text = isinstance(like.data, pa.Array)
    data = text_array([""] * size) if text else np.zeros(size, like.data.dtype)
    return Column(like.type, data, np.ones(size, np.bool_))


def _replaced(cells: Column, at: Ints, others: Column) -> Column:
    """The cells with those at `at` replaced."""
    assert cells.valid is not None
    valid = cells.valid.copy()
    valid[at] = True if others.valid is None else others.valid
    if not isinstance(cells.data, pa.Array):
        data = cells.data.copy()
        data[at] = others.data
        return Column(cells.type, data, valid)
    take = np.arange(len(cells))
    take[at] = len(cells) + np.arange(len(at))
    both = pa.concat_arrays([cells.data, others.data])
    return Column(cells.type, both.take(indices(take)), valid)
