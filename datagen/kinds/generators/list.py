"""Lists: any number of values of one kind in one cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar.block import Column, Rows, Type
from datagen.columnar.nested import nested_type, offsets
from datagen.declarations.constraints import LengthRangeDeclaration
from datagen.kinds.count_distributions.base import CountDistribution
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.case import Case
from datagen.kinds.generators.support.bind import bind_generator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.nested_parts import NestedGenerator, arrow_cells, item_rows, numbered_problem
from datagen.random.streams import repeat_child_identities

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope

_USUAL = 16


class ListOf(NestedGenerator):
    """A list of values, each drawn by itself: tags, readings, scores. The number of items has a count distribution.

    Items see the columns of the row. An empty list is not missing; the modifier `nulls` makes whole lists missing.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            tags={
                "type": "list",
                "length": {"type": "poisson", "mean": 2},
                "of": {"type": "choice", "values": {"new": 5, "sale": 3, "gift": 1}},
            },
            track={
                "type": "list",
                "length": 3,
                "of": {
                    "type": "struct",
                    "fields": {
                        "x": {"type": "normal", "mean": 0, "sd": 1},
                        "y": {"type": "normal", "mean": 0, "sd": 1},
                    },
                },
            },
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("array", "repeated", "vector", "set")
    type: Literal["list"] = "list"
    of: Case = Field(description="the generator of each item; a bare value is short for a constant")
    length: CountDistribution = Field(description="the number of items; a bare number is the same for all rows")

    def parts(self, scope: Scope) -> list[tuple[str, Generator, Scope]]:
        return [("element", self.of, scope.at("of"))]

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return super().needs(scope) | self.length.needs(scope)

    def result(self, scope: Scope) -> Type | None:
        parts = self.part_types(scope)
        return None if parts is None else Type("list", parts=parts)

    def longest(self, scope: Scope) -> int | None:
        most = self.length.limits(multiplied=False)[1]
        return 8 + self.bytes_of(scope) * (_USUAL if most is None else most)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from self.length.problems(scope.at("length"))
        yield from numbered_problem(self.of, scope.at("of"))

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        low, high = self.length.limits(multiplied=False)
        yield LengthRangeDeclaration(scope.table.name, scope.column, low=low, high=high)

    def bind(self, scope: Scope) -> Fill:
        type_ = self.result(scope)
        assert type_ is not None
        arrow, item = nested_type(type_), bind_generator(self.of, scope.at("of"))
        length, needs = scope.stream("length"), self.needs(scope)

        def fill(rows: Rows) -> Column:
            counts = self.length.counts_of(length, rows, None)
            ids, owner = repeat_child_identities(rows.ids, counts), np.repeat(np.arange(len(rows)), counts)
            cells = arrow_cells(item(item_rows(rows, ids, owner, needs)))
            return Column(type_, pa.ListArray.from_arrays(offsets(counts), cells, type=arrow))

        return fill
