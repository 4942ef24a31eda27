"""The key of another row of the same parent, by its number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import INT, Column, Rows, Type
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.column_lookup import key_start
from datagen.registry import did_you_mean

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext


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
                },
            },
        },
    }


class RowReference(Generator):
    """The key of the row of the same parent whose number, from 1, an attribute of the row gives: the referrer of a
    `cascade`, the cause of an
    event with `hawkes` gaps. Missing where the attribute is.
    """

    alone: ClassVar[bool] = False
    computed: ClassVar[bool] = True
    multiplied: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (_sample(),)
    synonyms: ClassVar[tuple[str, ...]] = ("referrer",)
    type: Literal["row_reference"] = "row_reference"
    attribute: str = Field(description="the attribute with the number of the row: `referrer_number`, `cause_number`")

    def result(self, scope: Scope) -> Type | None:
        return INT

    def nullable(self, scope: Scope) -> bool:
        return True

    def numbered(self, around: StaticContext) -> bool:
        return True

    def problems(self, scope: Scope) -> Iterator[Problem]:
        attributes = scope.table.rows.attributes(scope)
        if attributes is None:
            return
        known = [name for name, one in attributes.items() if one.type == INT and one.nullable and not one.numbered]
        if self.attribute not in known:
            message = f"the rows of '{scope.table.name}' have no attribute '{self.attribute[:60]}' that numbers rows"
            hint = (
                did_you_mean(self.attribute, known) if known else "use it with a cascade, or with gaps of type hawkes"
            )
            yield scope.problem("unknown-attribute", message, hint, "attribute")
        if scope.table.key is None:
            message = f"'{scope.table.name}' has no column of type 'key'"
            yield scope.problem("missing", message, "give it one")

    def bind(self, scope: Scope) -> Fill:
        start, attribute = key_start(scope, scope.table.name), self.attribute

        def fill(rows: Rows) -> Column:
            numbers, block = rows.attribute(attribute), rows.block
            owner = block.parent_row if rows.at is None or block.parent_row is None else block.parent_row[rows.at]
            assert owner is not None
            keys = block.starts[owner] + numbers.data - 1 + block.first + start
            return Column(INT, keys.astype(np.int64), numbers.valid)

        return fill
