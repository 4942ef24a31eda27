"""The number of rows below."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.block import INT, Ints, Rows, Type, Values
from datagen.generators.after import holds
from datagen.generators.base import Fill
from datagen.generators.exact import sums_below
from datagen.generators.roll_up import RollUp
from datagen.generators.samples import shop
from datagen.measures.recomputed import Recomputed

if TYPE_CHECKING:
    from datagen.measures.base import Measure
    from datagen.scope import Scope


class CountOf(RollUp):
    """How many rows of a child table belong to each row, all of them or those that `filter` picks."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            orders={
                "lines": {"type": "count_of", "table": "items"},
                "gifts": {"type": "count_of", "table": "items", "filter": "gift"},
            },
            items={"gift": {"type": "choice", "values": {"true": 1, "false": 9}}},
        ),
    )

    type: Literal["count_of"] = "count_of"

    def result(self, scope: Scope) -> Type | None:
        return INT

    def measures(self, scope: Scope) -> Iterable[Measure]:
        if self.intact:
            what = f"the number of their rows in '{self.table}'"
            yield Recomputed(
                scope.table.name, scope.column, fill=self.bind(scope), what=what, may_miss=bool(self.modifiers)
            )

    def bind(self, scope: Scope) -> Fill:
        condition = scope.expression(self.filter, self.table) if self.filter is not None else None
        table = self.table

        def counts(rows: Rows) -> Ints:
            child = rows.block.children[table]
            picked = holds(condition, Rows(child))
            if picked is not None:
                return sums_below(rows, child, picked.astype(np.int64), None)
            assert child.counts is not None
            return child.counts if rows.at is None else child.counts[rows.at]

        return lambda rows: Values(INT, counts(rows))
