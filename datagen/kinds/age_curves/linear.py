"""A multiplier that changes by the same amount with each unit of age."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.support.bounded import Bounded
from datagen.kinds.behaviors.support.examples import aging


class LinearAge(Bounded):
    """1 + slope x age, kept between `floor` and `ceiling`. Examples: machines that wear out, customers who learn."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (aging({"type": "linear", "slope": 0.05, "ceiling": 3}),)

    type: Literal["linear"] = "linear"
    slope: float = Field(ge=-1000, le=1000, description="change per unit of age")

    @property
    def flat(self) -> bool:
        return self.flat_at(self.slope)

    def at(self, ages: Floats) -> Floats:
        return self.kept(ages * self.slope + 1.0)
