"""A multiplier that is linear in the logarithm of age."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.support.bounded import Bounded
from datagen.kinds.behaviors.support.examples import aging
from datagen.random.math.elementary import log1p


class Logarithmic(Bounded):
    """1 + slope x ln(1 + age), kept between `floor` and `ceiling`."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (aging({"type": "logarithmic", "slope": -0.25, "floor": 0.2}),)

    type: Literal["logarithmic"] = "logarithmic"
    slope: float = Field(ge=-1000, le=1000, description="change per unit of ln(1 + age)")

    @property
    def flat(self) -> bool:
        return self.flat_at(self.slope)

    def at(self, ages: Floats) -> Floats:
        return self.kept(log1p(ages) * self.slope + 1.0)
