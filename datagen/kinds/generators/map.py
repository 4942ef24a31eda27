"""Maps: named values in one cell, of which some may be absent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from datagen.columnar.block import TEXT, Column, Rows, Type, indices
from datagen.columnar.nested import nested_type, offsets
from datagen.columnar.text import text_array
from datagen.declarations.constraints import LengthRangeDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.case import Case
from datagen.kinds.generators.support.bind import bind_generator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.nested_parts import NestedGenerator, arrow_cells, item_rows, numbered_problem
from datagen.random.streams import repeat_child_identities

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

Share = Annotated[float, Field(ge=0, le=1)]


class MapOf(NestedGenerator):
    """A map from texts to values of one kind: attributes, labels, translations. Each key is present in its share of the
    rows.

    Values see the columns of the row. An empty map is not missing; the modifier `nulls` makes whole maps missing.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            ratings={
                "type": "map",
                "keys": {"taste": 1, "look": 0.6, "price": 0.3},
                "values": {"type": "choice", "values": {"1": 1, "2": 2, "3": 5, "4": 8, "5": 6}},
            },
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("dictionary", "key_value", "hstore", "properties", "labels")
    type: Literal["map"] = "map"
    keys: Annotated[dict[str, Share], Field(min_length=1, max_length=200)] = Field(
        description="each key with the share of rows that have it"
    )
    values: Case = Field(description="the generator of each value; a bare value is short for a constant")

    def parts(self, scope: Scope) -> list[tuple[str, Generator, Scope]]:
        return [("value", self.values, scope.at("values"))]

    def result(self, scope: Scope) -> Type | None:
        parts = self.part_types(scope)
        return None if parts is None else Type("map", parts=(("key", TEXT, False), *parts))

    def longest(self, scope: Scope) -> int | None:
        return 8 + sum(len(key.encode()) + self.bytes_of(scope) for key in self.keys)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from numbered_problem(self.values, scope.at("values"))

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        sure = sum(share == 1 for share in self.keys.values())
        possible = sum(share > 0 for share in self.keys.values())
        yield LengthRangeDeclaration(scope.table.name, scope.column, low=sure, high=possible)

    def bind(self, scope: Scope) -> Fill:
        type_ = self.result(scope)
        assert type_ is not None
        arrow, value = nested_type(type_), bind_generator(self.values, scope.at("values"))
        there, needs, many = scope.stream("there"), self.needs(scope), len(self.keys)
        words, shares = text_array(list(self.keys)), np.array(list(self.keys.values()))

        def fill(rows: Rows) -> Column:
            every = repeat_child_identities(rows.ids, np.full(len(rows), many, np.int64))
            kept = there.uniforms(every).reshape(-1, many) < shares
            at = np.flatnonzero(kept)
            cells = arrow_cells(value(item_rows(rows, every[at], at // many, needs)))
            keys = words.take(indices(at % many))
            counts = np.count_nonzero(kept, axis=1).astype(np.int64)
            return Column(type_, pa.MapArray.from_arrays(offsets(counts), keys, cells).cast(arrow))

        return fill
