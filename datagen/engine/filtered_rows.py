"""Rows below a parent of which only those are made that satisfy a condition (`where`) and whose budget is not spent.

The condition may read columns of the row. They are filled for the candidates first. Their cells depend on the identity
of the row, which the filter does not change, so the rows that are kept keep these cells.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from datagen.columnar.block import Block, Ints, Rows
from datagen.columnar.uncounted import UncountedRows
from datagen.kinds.row_sources.base import Expansion, typical_rows

if TYPE_CHECKING:
    from datagen.expressions.compiled_expression import Compiled
    from datagen.kinds.generators.base import Fill
    from datagen.kinds.row_sources.base import Children
    from datagen.kinds.row_sources.support.budget import BoundBudget, Costs


@dataclass(frozen=True, eq=False)
class FilteredRows:
    """The rows of `source` for which `condition` is true, as far as `budget` reaches. `columns` are the own columns
    that these depend on, in order; `costs_alone` are those among them that only the cost of a row depends on. `known`
    are the numbers of rows below all rows of a root table, where they were counted before.
    """

    source: Children
    table: str
    condition: Callable[[], Compiled] | None
    columns: tuple[str, ...]
    fills: Mapping[str, Fill]
    time: str | None
    budget: BoundBudget | None = None
    costs_alone: frozenset[str] = frozenset()
    known: Callable[[], Ints | None] = lambda: None
    fixed: None = None

    @property
    def typical(self) -> float:
        """The mean number of rows below a parent without multipliers, as far as known, before they are filtered."""
        return typical_rows(self.source)

    def counts(self, parents: Block) -> Ints:
        known = self.known() if parents.parent is None and parents.row_numbers is None else None
        if known is not None:
            return known[parents.first : parents.first + len(parents)].astype(np.int64)
        rows = self._filled(parents, [name for name in self.columns if name not in self.costs_alone])[1]
        return self._below(rows.block, self._kept(rows))

    def expand(self, parents: Block) -> Expansion:
        found, rows = self._filled(parents, self.columns)
        at = self._kept(rows)
        attributes, columns = (
            {name: cells.take(at) for name, cells in cells_of.items()}
            for cells_of in (found.attributes, rows.block.columns)
        )
        return Expansion(self._below(rows.block, at), found.ids[at], attributes, columns)

    def costs(self, parents: Block) -> Costs:
        """What the rows below these parents would cost without the budget."""
        assert self.budget is not None
        return self.budget.costs(self._filled(parents, self.columns)[1])

    def _kept(self, rows: Rows) -> Ints:
        """The positions of the rows that come before their budget is spent."""
        at: Ints = np.arange(len(rows)) if rows.at is None else rows.at
        return at if self.budget is None else at[self.budget.kept(rows)]

    def _below(self, block: Block, at: Ints) -> Ints:
        """The number of rows at these positions below each parent."""
        assert block.parent_row is not None and block.parent is not None
        found: Ints = np.bincount(block.parent_row[at], minlength=len(block.parent)).astype(np.int64)
        return found

    def _filled(self, parents: Block, columns: Iterable[str]) -> tuple[Expansion, Rows]:
        """All candidates, and those that satisfy the condition, with these columns."""
        found = self.source.expand(parents)
        owner = np.repeat(np.arange(len(parents)), found.counts)
        block = UncountedRows(self.table, 0, found.ids, parents, owner, None, found.attributes, self.time)
        for column in columns:
            block.columns[column] = self.fills[column](Rows(block))
        if self.condition is None:
            return found, Rows(block)
        from datagen.kinds.generators.after import holds  # start-up: only tables with a condition need it

        kept = holds(self.condition(), Rows(block))
        assert kept is not None
        return found, Rows(block, np.flatnonzero(kept))
