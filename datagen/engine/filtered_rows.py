"""Rows below a parent of which only those are made that satisfy a condition (`where`) and whose budget is not spent.

The condition may read columns of the row. They are filled for the candidates first. Their cells depend on the identity
of the row, which the filter does not change, so the rows that are kept have the same cells afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.columnar.block import Block, Ints, Rows
from datagen.columnar.uncounted import UncountedRows
from datagen.kinds.row_sources.base import Expansion

if TYPE_CHECKING:
    from datagen.expressions.compiled_expression import Compiled
    from datagen.kinds.generators.base import Fill
    from datagen.kinds.row_sources.base import Children
    from datagen.kinds.row_sources.support.budget import BoundBudget, Costs


@dataclass(frozen=True, eq=False)
class FilteredRows:
    """The rows of `source` for which `condition` is true, as far as `budget` reaches. `columns` are the own columns
    that these depend on, in order.
    """

    source: Children
    table: str
    condition: Callable[[], Compiled] | None
    columns: tuple[str, ...]
    fills: Mapping[str, Fill]
    time: str | None
    budget: BoundBudget | None = None
    fixed: None = None

    @property
    def typical(self) -> float:
        """The mean number of rows below a parent without multipliers, as far as known, before they are filtered."""
        fixed = self.source.fixed
        return float(getattr(self.source, "typical", 1.0)) if fixed is None else float(fixed)

    def counts(self, parents: Block) -> Ints:
        return self.expand(parents).counts

    def expand(self, parents: Block) -> Expansion:
        found, rows = self._filled(parents)
        at = np.arange(len(rows)) if rows.at is None else rows.at
        if self.budget is not None:
            at = at[self.budget.kept(rows)]
        owner = rows.block.parent_row
        assert owner is not None
        attributes = {name: values.take(at) for name, values in found.attributes.items()}
        counts: Any = np.bincount(owner[at], minlength=len(parents)).astype(np.int64)
        return Expansion(counts, found.ids[at], attributes)

    def costs(self, parents: Block) -> Costs:
        """What the rows below these parents would cost without the budget."""
        assert self.budget is not None
        return self.budget.costs(self._filled(parents)[1])

    def _filled(self, parents: Block) -> tuple[Expansion, Rows]:
        """All candidates, and those that satisfy the condition, with their columns."""
        found = self.source.expand(parents)
        owner = np.repeat(np.arange(len(parents)), found.counts)
        block = UncountedRows(self.table, 0, found.ids, parents, owner, None, dict(found.attributes), self.time)
        for column in self.columns:
            block.columns[column] = self.fills[column](Rows(block))
        if self.condition is None:
            return found, Rows(block)
        from datagen.kinds.generators.after import holds  # start-up: only tables with a condition need it

        kept = holds(self.condition(), Rows(block))
        assert kept is not None
        return found, Rows(block, np.flatnonzero(kept))
