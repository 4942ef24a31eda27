"""Cells that are far too large."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.block import Rows, Type, Values
from datagen.generators.samples import table_of
from datagen.modifiers.base import Change, Modifier

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Factor = Annotated[float, Field(ge=-1e6, le=1e6)]
_LARGEST = 9e18


class Outliers(Modifier):
    """Multiplies a share of the numbers by a factor drawn from a range, beyond the column's own `min` and `max`."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            reading={
                "type": "normal",
                "mean": 20,
                "sd": 2,
                "decimals": 1,
                "modifiers": [{"type": "outliers", "share": 0.01, "factor": [5, 20]}],
            }
        ),
    )

    type: Literal["outliers"] = "outliers"
    share: float = Field(gt=0, le=1, description="share of cells that are changed")
    factor: tuple[Factor, Factor] = Field(default=(3.0, 10.0), description="the smallest and the largest factor")

    def problems(self, scope: Scope, type_: Type) -> Iterator[Problem]:
        if not type_.numeric and type_.name != "duration":
            yield scope.problem("type", f"cells of type {type_} cannot be multiplied", "use it on numbers")
        if self.factor[0] > self.factor[1]:
            yield scope.problem("range", "the smallest factor is above the largest", "swap them", "factor")
        if self.factor == (1.0, 1.0):
            yield scope.problem("no-effect", "a factor of 1 changes nothing", "choose a larger one", "factor")

    def bind(self, scope: Scope, type_: Type) -> Change:
        pick, size = scope.stream("pick"), scope.stream("size")
        low, span, share = self.factor[0], self.factor[1] - self.factor[0], self.share

        def change(rows: Rows, values: Values) -> Values:
            at = np.flatnonzero(pick.uniforms(rows.ids) < share)
            numbers = values.data[at] * (size.uniforms(rows.ids[at]) * span + low)
            if type_.name != "float":
                numbers = np.rint(np.clip(numbers, -_LARGEST, _LARGEST))
            data = values.data.copy()
            data[at] = numbers.astype(data.dtype)
            return Values(values.type, data, values.valid)

        return change
