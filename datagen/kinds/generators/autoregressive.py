"""Numbers that return to a mean, each near the one before: temperatures, loads, moods."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Block, Floats
from datagen.declarations.constraints import RangeDeclaration
from datagen.declarations.values import AutocorrelationDeclaration
from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.recursion import SequenceGenerator, along
from datagen.random import distributions

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.scope import Scope


class Autoregressive(SequenceGenerator):
    """A stationary AR(1) process along the rows of a parent: mean `mean`, standard deviation `sd`, correlation `phi`
    with the row before.

    The first row of each parent is drawn from the same normal distribution as all others (Box, Jenkins, "Time Series
    Analysis", 1976).
    """

    alone: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(orders={"temperature": {"type": "autoregressive", "mean": 21, "sd": 3, "phi": 0.9, "decimals": 1}}),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "ar1",
        "ar",
        "ou",
        "ornstein_uhlenbeck",
        "mean_reverting",
        "reading",
        "sensor",
    )
    type: Literal["autoregressive"] = "autoregressive"
    mean: float = Field(default=0.0, ge=-1e15, le=1e15, description="the mean")
    sd: float = Field(gt=0, le=1e15, description="the standard deviation of the numbers")
    phi: float = Field(gt=-1, lt=1, description="the correlation of a row with the one before it below the same parent")

    def ends(self, chance: float) -> tuple[float, float]:
        return distributions.normal(self.mean, self.sd).ends(chance)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        type_ = self.result(scope)
        if type_ is None or not self.intact:
            return
        if not (self.min is None and self.max is None):
            low, high = self.limits(type_)
            yield RangeDeclaration(
                scope.table.name, scope.column, low=low, high=high, range=f"{self.min} to {self.max}"
            )
        elif scope.effect() is None:
            unit = 0.0 if self.decimals is None else 10.0**-self.decimals
            yield AutocorrelationDeclaration(scope.table.name, scope.column or "", self.phi, self.mean, self.sd, unit)

    def whole(self, scope: Scope) -> Callable[[Block], Floats]:
        distribution, stream = distributions.normal(), scope.stream()
        shock = self.sd * float(np.sqrt(1.0 - self.phi * self.phi))

        def whole(block: Block) -> Floats:
            drawn = distribution.sample(stream, block.ids)
            away = along(
                block, lambda at: self.sd * drawn[at], lambda before, at: self.phi * before + shock * drawn[at]
            )
            away += self.mean
            return away

        return whole
