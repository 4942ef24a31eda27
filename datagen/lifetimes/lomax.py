"""Lomax lives: exponential lives whose hazards differ between entities by a gamma law."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.behaviors.samples import living
from datagen.block import Floats
from datagen.lifetimes.base import Continuous
from datagen.sampling.elementary import expm1, log, log1p
from datagen.sampling.quantiles import Quantiles


class Lomax(Continuous):
    """S(t) = (scale / (scale + t)) ^ shape: hazard ~ Gamma(shape, rate scale), the dropout of the Pareto/NBD model.

    Source: Lomax (1954); Schmittlein, Morrison and Colombo (1987), Counting your customers.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (living({"type": "lomax", "shape": 1.5, "scale": 12}),)

    type: Literal["lomax"] = "lomax"
    shape: float = Field(ge=0.05, le=1e4, description="the smaller, the more entities differ")
    scale: float = Field(gt=0, le=1e6, description="shape / scale is the mean hazard per unit")

    def law(self) -> Quantiles:
        return lomax(self.shape, self.scale)


@lru_cache(64)
def lomax(shape: float, scale: float) -> Quantiles:
    """The quantiles of the law."""

    def ppf(p: Floats, upper: bool) -> Floats:
        hazard = -log(p) if upper else -log1p(-p)
        return scale * expm1(hazard / shape)

    return Quantiles.of(ppf)
