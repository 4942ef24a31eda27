"""Structs: several named values in one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import pyarrow as pa
from pydantic import Field

from datagen.columnar.block import Column, Rows, Type
from datagen.columnar.nested import nested_type
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.case import Case
from datagen.kinds.generators.support.bind import bind_generator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.nested_parts import NestedGenerator, arrow_cells

if TYPE_CHECKING:
    from datagen.scope import Scope


class Struct(NestedGenerator):
    """A struct of named fields, each filled by a generator of its own. Fields may be structs, lists and maps
    themselves.

    A field sees the columns of the row, as a column would. Modifiers of a field make the field missing, those of the
    column the whole struct.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            size={
                "type": "struct",
                "fields": {
                    "width": {"type": "uniform", "min": 10, "max": 90, "decimals": 1},
                    "unit": "cm",
                    "box": {"type": "struct", "fields": {"colour": {"type": "colour"}, "fragile": {"type": "boolean"}}},
                },
            },
        ),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("record", "row", "nested", "tuple", "dict")
    type: Literal["struct"] = "struct"
    fields: Annotated[dict[str, Case], Field(min_length=1, max_length=200)] = Field(
        description="the fields, each a generator; a bare value is short for a constant"
    )

    def parts(self, scope: Scope) -> list[tuple[str, Generator, Scope]]:
        return [(name, part, scope.at("fields", name)) for name, part in self.fields.items()]

    def result(self, scope: Scope) -> Type | None:
        parts = self.part_types(scope)
        return None if parts is None else Type("struct", parts=parts)

    def longest(self, scope: Scope) -> int | None:
        return self.bytes_of(scope)

    def bind(self, scope: Scope) -> Fill:
        type_ = self.result(scope)
        assert type_ is not None
        arrow, fills = nested_type(type_), [bind_generator(part, at) for _, part, at in self.parts(scope)]
        fields = [arrow.field(i) for i in range(arrow.num_fields)]

        def fill(rows: Rows) -> Column:
            return Column(type_, pa.StructArray.from_arrays([arrow_cells(one(rows)) for one in fills], fields=fields))

        return fill
