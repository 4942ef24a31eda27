"""Rows below a parent of which only those are made that satisfy a condition (`where`).

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
from datagen.kinds.generators.after import holds
from datagen.kinds.row_sources.base import Expansion

if TYPE_CHECKING:
    from datagen.expressions.compiled_expression import Compiled
    from datagen.kinds.generators.base import Fill
    from datagen.kinds.row_sources.base import Children


@dataclass(frozen=True, eq=False)
class FilteredRows:
    """The rows of `source` for which `condition` is true. `columns` are the own columns that it depends on, in
    order.
    """

    source: Children
    table: str
    condition: Callable[[], Compiled]
    columns: tuple[str, ...]
    fills: Mapping[str, Fill]
    time: str | None
    fixed: None = None

    @property
    def typical(self) -> float:
        """The mean number of rows below a parent without multipliers, as far as known, before they are filtered."""
        fixed = self.source.fixed
        return float(getattr(self.source, "typical", 1.0)) if fixed is None else float(fixed)

    def counts(self, parents: Block) -> Ints:
        return self.expand(parents).counts

    def expand(self, parents: Block) -> Expansion:
        found = self.source.expand(parents)
        owner = np.repeat(np.arange(len(parents)), found.counts)
        block = UncountedRows(self.table, 0, found.ids, parents, owner, None, dict(found.attributes), self.time)
        for column in self.columns:
            block.columns[column] = self.fills[column](Rows(block))
        kept = holds(self.condition(), Rows(block))
        assert kept is not None
        at = np.flatnonzero(kept)
        attributes = {name: values.take(at) for name, values in found.attributes.items()}
        counts: Any = np.bincount(owner[at], minlength=len(parents)).astype(np.int64)
        return Expansion(counts, found.ids[at], attributes)
