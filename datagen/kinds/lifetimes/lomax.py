"""Lomax lives: exponential lives whose hazards differ between entities by a gamma distribution."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.behaviors.support.examples import living
from datagen.kinds.lifetimes.base import Continuous
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.math.elementary import expm1, log, log1p


class Lomax(Continuous):
    """S(t) = (scale / (scale + t)) ^ shape: hazard ~ Gamma(shape, rate scale), the dropout of the Pareto/NBD model.

    Source: Lomax (1954); Schmittlein, Morrison and Colombo (1987), Counting your customers.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (living({"type": "lomax", "shape": 1.5, "scale": 12}),)

    type: Literal["lomax"] = "lomax"
    shape: float = Field(ge=0.05, le=1e4, description="the smaller, the more entities differ")
    scale: float = Field(ge=1e-6, le=1e6, description="shape / scale is the mean hazard per unit")

    def distribution(self) -> InverseCdfTable:
        return lomax(self.shape, self.scale)


@lru_cache(64)
def lomax(shape: float, scale: float) -> InverseCdfTable:
    """The quantiles of the distribution."""

    def ppf(p: Floats, upper: bool) -> Floats:
        hazard = -log(p) if upper else -log1p(-p)
        return scale * expm1(hazard / shape)

    return InverseCdfTable.of(ppf)
