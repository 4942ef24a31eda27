"""A multiplier that follows the survival curve of a Weibull distribution."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.base import AgeCurve, Multiplier
from datagen.kinds.behaviors.support.examples import aging
from datagen.random.math.elementary import exp, power


class WeibullAge(AgeCurve):
    """floor + (1 - floor) exp(-(age / scale) ^ shape). A shape below 1 falls fast at first, a shape
    above 1 falls late.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        aging({"type": "weibull", "scale": 9, "shape": 0.7, "floor": 0.1}),
    )

    type: Literal["weibull"] = "weibull"
    scale: float = Field(
        ge=1e-6, le=1e6, description="age in units at which the multiplier is 63 % of the way to the floor"
    )
    shape: float = Field(ge=0.1, le=20, description="1 is exponential")
    floor: Multiplier = Field(default=0.0, description="the limit of the multiplier")

    @property
    def flat(self) -> bool:
        return self.floor == 1

    def at(self, ages: Floats) -> Floats:
        return exp(-power(ages * (1.0 / self.scale), self.shape)) * (1.0 - self.floor) + self.floor
