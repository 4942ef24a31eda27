"""Weibull lives: a hazard that falls or rises with age."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.behaviors.support.examples import living
from datagen.kinds.lifetimes.base import Continuous
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable


class WeibullLife(Continuous):
    """S(t) = exp(-(t / scale) ^ shape): a shape below 1 for a falling hazard, 1 for a constant, above 1 for a rising
    one.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (living({"type": "weibull", "shape": 0.7, "scale": 14}),)

    left_out: ClassVar[Mapping[str, str]] = {
        "a c k": "shape",
        "lam lambda": "scale",
    }
    type: Literal["weibull"] = "weibull"
    shape: float = Field(ge=0.1, le=100, description="1 is exponential")
    scale: float = Field(ge=1e-6, le=1e6, description="units after which 63 % are gone")

    def distribution(self) -> InverseCdfTable:
        return distributions.weibull(self.shape, self.scale)
