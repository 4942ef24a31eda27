"""The key of another row of the same parent, by its number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import domain_of, key_start
from datagen.names import ColumnName
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope, StaticContext


def _sample() -> dict[str, Any]:
    return {
        "datagen": 1,
        "name": "alarms",
        "window": {"start": "2024-01-01", "end": "2024-04-01"},
        "tables": {
            "machines": {"rows": 20, "columns": {"machine_id": {"type": "key"}}},
            "alarms": {
                "parent": "machines",
                "rows": {
                    "type": "events",
                    "mean_per_month": 4,
                    "gaps": {"type": "hawkes", "branching": 0.4, "decay": "6h"},
                },
                "columns": {
                    "alarm_id": {"type": "key"},
                    "raised_at": {"type": "event_time"},
                    "follows": {"type": "row_reference", "attribute": "cause_number"},
                    "level": {"type": "choice", "values": {"low": 3, "high": 1}},
                    "level_before": {"type": "row_reference", "attribute": "cause_number", "column": "level"},
                },
            },
        },
    }


class RowReference(Generator):
    """The key of the row of the same parent whose number, from 1, an attribute of the row gives: the referrer of a
    `cascade`, the cause of an event with `hawkes` gaps. With `column`, the value of that row instead of its key.
    Missing where the attribute is.
    """

    alone: ClassVar[bool] = False
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (_sample(),)
    synonyms: ClassVar[tuple[str, ...]] = ("referrer",)
    type: Literal["row_reference"] = "row_reference"
    attribute: str = Field(description="the attribute with the number of the row: `referrer_number`, `cause_number`")

    column: ColumnName | None = Field(default=None, description="copy this column of the row, instead of its key")

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({(scope.table.name, self.column)} if self.column is not None else ())

    def result(self, scope: Scope) -> Type | None:
        return INT if self.column is None else scope.type_of(self.column)

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        return domain_of(context, self.column) if self.column is not None else None

    def longest(self, scope: Scope) -> int | None:
        return scope.longest(self.column) if self.column is not None else None

    def nullable(self, scope: Scope) -> bool:
        return True

    def depends_on_row_number(self, context: StaticContext) -> bool:
        return self.column is None

    def problems(self, scope: Scope) -> Iterator[Problem]:
        attributes = scope.table.rows.attributes(scope)
        if attributes is None:
            return
        known = [
            name
            for name, one in attributes.items()
            if one.type == INT and one.nullable and not one.depends_on_row_number
        ]
        if self.attribute not in known:
            message = f"the rows of '{scope.table.name}' have no attribute '{self.attribute[:60]}' that numbers rows"
            hint = (
                did_you_mean(self.attribute, known) if known else "use it with a cascade, or with gaps of type hawkes"
            )
            yield scope.problem("unknown-attribute", message, hint, "attribute")
        problem = scope.column_problem(self.column, "column") if self.column is not None else None
        if problem is not None:
            yield problem
        elif self.column is None and scope.table.key is None:
            message = f"'{scope.table.name}' has no column of type 'key'"
            yield scope.problem("missing", message, "give it one")

    def bind(self, scope: Scope) -> Fill:
        attribute, column = self.attribute, self.column
        start = key_start(scope, scope.table.name) if column is None else 0

        def fill(rows: Rows) -> Column:
            numbers, block = rows.attribute(attribute), rows.block
            owner = block.parent_row if rows.at is None or block.parent_row is None else block.parent_row[rows.at]
            assert owner is not None
            there = block.starts[owner] + numbers.data - 1
            if column is None:
                return Column(INT, (there + block.first + start).astype(np.int64), numbers.valid)
            known = np.ones(len(there), np.bool_) if numbers.valid is None else numbers.valid
            return block.columns[column].take(np.where(known, there, 0)).where(known)

        return fill
