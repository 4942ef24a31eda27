"""Gompertz lives: a hazard that grows exponentially with age."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.behaviors.samples import living
from datagen.lifetimes.base import Continuous
from datagen.sampling import laws
from datagen.sampling.quantiles import Quantiles


class GompertzLife(Continuous):
    """Hazard rate x exp(growth x t): things and people that age. Source: Gompertz (1825)."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (living({"type": "gompertz", "rate": 0.02, "growth": 0.05}),)

    type: Literal["gompertz"] = "gompertz"
    rate: float = Field(gt=0, le=1e3, description="hazard per unit at age 0")
    growth: float = Field(gt=0, le=1e3, description="growth of the hazard per unit of age, continuously")

    def law(self) -> Quantiles:
        return laws.gompertz(self.rate, self.growth)
