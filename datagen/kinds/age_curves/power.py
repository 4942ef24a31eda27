"""A multiplier that follows a power of age."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.support.bounded import Bounded
from datagen.kinds.behaviors.support.examples import aging
from datagen.random.math.elementary import power


class Power(Bounded):
    """(1 + age / scale) ^ exponent, kept between `floor` and `ceiling`. A negative exponent is the power law of
    forgetting.

    Source: Wixted and Ebbesen (1991), On the form of forgetting.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (aging({"type": "power", "exponent": -0.5, "floor": 0.1}),)

    type: Literal["power"] = "power"
    exponent: float = Field(ge=-10, le=10, description="below 0 the multiplier falls, above 0 it rises")
    scale: float = Field(default=1.0, ge=1e-6, le=20_000, description="scale of age in units")

    @property
    def flat(self) -> bool:
        return (
            self.exponent == 0 or (self.exponent > 0 and self.ceiling == 1) or (self.exponent < 0 and self.floor == 1)
        )

    def at(self, ages: Floats) -> Floats:
        return self.kept(power(ages * (1.0 / self.scale) + 1.0, self.exponent))
