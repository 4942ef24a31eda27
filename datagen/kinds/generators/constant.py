"""The same value in every row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Rows, Type
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.literals import As, Scalar, column_of, spelled, type_for
from datagen.scope import StaticContext

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Constant(Generator):
    """The same value in every row. Numbers with a point keep their decimals exactly; dates and durations need `as`."""

    computed: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            currency={"type": "constant", "value": "EUR"},
            since={"type": "constant", "value": "2024-03-01", "as": "date"},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "const", "fixed", "literal", "static", "value", "fixed_value", "template_value",
    )  # fmt: skip
    left_out: ClassVar[Mapping[str, str]] = {
        "default const values": "value",
    }
    type: Literal["constant"] = "constant"
    value: Scalar = Field(description="the value")
    as_: As = Field(default=None, alias="as")

    def result(self, scope: Scope) -> Type | None:
        return type_for([self.value], written=False, requested=self.as_)

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        return (spelled(self.value),)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        try:
            column_of([self.value], type_for([self.value], written=False, requested=self.as_))
        except ValueError as error:
            yield scope.problem("type", str(error), "write another value, or another 'as'", "value")

    def bind(self, scope: Scope) -> Fill:
        one = column_of([self.value], type_for([self.value], written=False, requested=self.as_))

        def fill(rows: Rows) -> Column:
            return one.take(np.zeros(len(rows), np.int64))

        return fill
