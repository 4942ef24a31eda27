"""The number of child rows."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np

from datagen.columnar.block import INT, Column, Ints, Rows, Type
from datagen.declarations.constraints import DerivedColumnDeclaration
from datagen.kinds.generators.after import holds
from datagen.kinds.generators.base import Extent, Fill
from datagen.kinds.generators.support.decimal_math import sums_below
from datagen.kinds.generators.support.examples import campaigns, shop
from datagen.kinds.generators.support.rollup import RollUp

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.scope import Scope


class CountOf(RollUp):
    """The number of rows of a child table for each row: all of them, or those for which `filter` is true.

    With `through` it counts the rows of any table that refer to the row: the copies of each film.
    """

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            orders={
                "lines": {"type": "count_of", "table": "items"},
                "gifts": {"type": "count_of", "table": "items", "filter": "gift"},
            },
            items={"gift": {"type": "choice", "values": {"true": 1, "false": 9}}},
        ),
        campaigns(campaigns={"clicks": {"type": "count_of", "table": "clicks", "through": "campaign_id"}}),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "count",
        "children_count",
        "number_of",
    )
    type: Literal["count_of"] = "count_of"

    def result(self, scope: Scope) -> Type | None:
        return INT

    def extent(self, scope: Scope) -> Extent | None:
        most = scope.rows_below(self.table, self.through)
        return None if most is None else (0, most)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if self.intact:
            what = f"the number of their rows in '{self.table}'"
            yield DerivedColumnDeclaration(
                scope.table.name, scope.column, fill=self.bind(scope), what=what, may_miss=bool(self.modifiers)
            )

    def bind(self, scope: Scope) -> Fill:
        condition = scope.expression(self.filter, self.table) if self.filter is not None else None
        table = self.table
        if self.through is not None:
            referring = self.referring_rows(scope)
            ones = lambda rows: Column(INT, np.ones(len(rows), np.int64))  # noqa: E731 - one line says it
            totals = cache(lambda: referring.sums(ones, partial(holds, condition)))
            return lambda rows: Column(INT, totals()[referring.at(rows)])

        def counts(rows: Rows) -> Ints:
            child = rows.block.children[table]
            picked = holds(condition, Rows(child))
            if picked is not None:
                return sums_below(rows, child, picked.astype(np.int64), None)
            assert child.counts is not None
            return child.counts if rows.at is None else child.counts[rows.at]

        return lambda rows: Column(INT, counts(rows))
