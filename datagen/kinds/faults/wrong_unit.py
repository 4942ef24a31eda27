"""Wrong units: numbers that are off by a factor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Rows, Type
from datagen.kinds.faults.base import CellFault
from datagen.kinds.faults.support.examples import visits
from datagen.kinds.generators.support.numeric_range import check_64_bits

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Factor = Annotated[float, Field(ge=-1e9, le=1e9)]


class WrongUnit(CellFault):
    """Multiplies numbers by a factor: pounds for kilograms (2.2046), cents for euros (100), a lost sign (-1)."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        visits({"type": "wrong_unit", "columns": ["weight"], "rate": 0.03, "factor": 2.2046}),
    )
    synonyms: ClassVar[tuple[str, ...]] = ("unit", "units", "scale_error", "wrong_scale", "sign_flip")
    type: Literal["wrong_unit"] = "wrong_unit"
    factor: Factor = Field(description="the factor")

    def type_problems(self, scope: Scope, column: str, type_: Type) -> Iterator[Problem]:
        if not type_.numeric and type_.name != "duration":
            yield scope.problem("type", f"column '{column}' is {type_}, not a number", "name a column of numbers")

    def column_problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().column_problems(scope)
        if self.factor == 1:
            yield scope.problem("no-effect", "a factor of 1 changes nothing", "choose another one", "factor")

    def change(self, scope: Scope, column: str) -> Callable[[Rows, Column], Column]:
        def scaled(_rows: Rows, cells: Column) -> Column:
            numbers = cells.data * self.factor
            if cells.type.name != "float":
                numbers = np.rint(numbers)
                check_64_bits(numbers, cells.type.scale)
            return Column(cells.type, numbers.astype(cells.data.dtype), cells.valid)

        return scaled
