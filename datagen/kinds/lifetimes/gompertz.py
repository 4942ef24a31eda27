"""Gompertz lives: a hazard that grows exponentially with age."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.behaviors.support.examples import living
from datagen.kinds.lifetimes.base import Continuous
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable


class GompertzLife(Continuous):
    """Hazard rate x exp(growth x t), for things and people that age.

    Source: Gompertz (1825).
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (living({"type": "gompertz", "rate": 0.02, "growth": 0.05}),)

    type: Literal["gompertz"] = "gompertz"
    rate: float = Field(gt=0, le=1e3, description="hazard per unit at age 0")
    growth: float = Field(gt=0, le=1e3, description="exponential growth rate of the hazard per unit of age")

    def distribution(self) -> InverseCdfTable:
        return distributions.gompertz(self.rate, self.growth)
