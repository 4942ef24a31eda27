"""Outliers: cells multiplied by a large factor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Column, Rows, Type
from datagen.declarations.values import OutlierDeclaration
from datagen.kinds.generators.base import Numeric
from datagen.kinds.generators.support.distribution_declarations import case_of, half_step
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_range import check_64_bits
from datagen.kinds.modifiers.base import Change, Extent, Modifier

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

Factor = Annotated[float, Field(ge=-1e6, le=1e6)]


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

    synonyms: ClassVar[tuple[str, ...]] = (
        "outlier",
        "anomaly",
        "anomalies",
        "spike",
        "extreme",
    )
    type: Literal["outliers"] = "outliers"
    share: float = Field(gt=0, le=1, description="share of cells that are changed")
    factor: tuple[Factor, Factor] = Field(default=(3.0, 10.0), description="the smallest and the largest factor")

    @property
    def max_factor(self) -> float:
        return max(1.0, *map(abs, self.factor))

    def extent(self, before: Extent, type_: Type) -> Extent | None:
        reached = [*before, *(end * factor for end in before for factor in self.factor)]
        return min(reached), max(reached)

    def problems(self, scope: Scope, type_: Type) -> Iterator[Problem]:
        if not type_.numeric and type_.name != "duration":
            yield scope.problem("type", f"cells of type {type_} cannot be multiplied", "use it on numbers")
        if self.factor[0] > self.factor[1]:
            yield scope.problem("range", "the smallest factor is above the largest", "swap them", "factor")
        if self.factor == (1.0, 1.0):
            yield scope.problem("no-effect", "a factor of 1 changes nothing", "choose a larger one", "factor")

    def declarations(self, scope: Scope, type_: Type) -> Iterable[Declaration]:
        generator = scope.table.columns[scope.column or ""]
        others = [modifier for modifier in generator.modifiers if modifier is not self]
        if not isinstance(generator, Numeric) or not all(modifier.keeps for modifier in others):
            return
        if scope.effect() is not None and not (generator.min is None and generator.max is None):
            return  # a range applies after multiplication: each cell has its own distribution
        distribution, step = case_of(generator, scope), 2.0 * half_step(type_, 0.0)[0]
        yield OutlierDeclaration(
            scope.table.name, scope.column or "", distribution, step, (self.share, *self.factor), scope.planted()
        )

    def bind(self, scope: Scope, type_: Type) -> Change:
        pick, size = scope.stream("pick"), scope.stream("size")
        low, span, share = self.factor[0], self.factor[1] - self.factor[0], self.share

        def change(rows: Rows, values: Column) -> Column:
            at = np.flatnonzero(pick.uniforms(rows.ids) < share)
            numbers = values.data[at] * (size.uniforms(rows.ids[at]) * span + low)
            if type_.name != "float":
                numbers = np.rint(numbers)
                check_64_bits(numbers, type_.scale)
            data = values.data.copy()
            data[at] = numbers.astype(data.dtype)
            return Column(values.type, data, values.valid)

        return change
