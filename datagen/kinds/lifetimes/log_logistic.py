"""Log-logistic lives: a hazard that rises and then falls."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.behaviors.support.examples import living
from datagen.kinds.lifetimes.base import Continuous
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable


class LogLogisticLife(Continuous):
    """S(t) = 1 / (1 + (t / scale) ^ shape), of median `scale`. With a shape above 1 the hazard has a peak."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (living({"type": "log_logistic", "shape": 1.6, "scale": 8}),)

    type: Literal["log_logistic"] = "log_logistic"
    shape: float = Field(ge=0.1, le=100, description="above 1 the hazard first rises")
    scale: float = Field(ge=1e-6, le=1e6, description="units after which half are gone")

    def distribution(self) -> InverseCdfTable:
        return distributions.log_logistic(self.shape, self.scale)
