"""A decay by a share until an age, such as 75 % less after six months."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.base import AgeCurve, Multiplier
from datagen.kinds.behaviors.support.examples import aging
from datagen.random.math.elementary import exp, log1p


class DecayBy(AgeCurve):
    """Exponential decay that has lost the share `less` at age `after`: "75 % less after six months" is less 0.75, after
    6.

    It continues at the same rate, but not below `floor`. With `"floor": 0.25` it stays at the value reached there.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (aging({"type": "decay_by", "less": 0.75, "after": 6}),)

    type: Literal["decay_by"] = "decay_by"
    less: float = Field(gt=0, lt=1, description="the share lost at age `after`")
    after: float = Field(ge=1e-6, le=20_000, description="age in units")
    floor: Multiplier = Field(default=0.0, le=1, description="the smallest multiplier")

    @property
    def flat(self) -> bool:
        return self.floor == 1

    def at(self, ages: Floats) -> Floats:
        fallen = exp(ages * (log1p(-self.less) / self.after))
        return fallen.clip(self.floor)
