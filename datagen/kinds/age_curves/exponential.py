"""A multiplier that falls by the same share with each unit of age."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.base import AgeCurve, Multiplier
from datagen.kinds.behaviors.support.examples import aging
from datagen.random.math.elementary import exp, log

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class ExponentialAge(AgeCurve):
    """floor + (1 - floor) exp(-rate x age), given by the rate or by the half-life. A floor above 1 makes it rise."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (aging({"type": "exponential", "half_life": 4, "floor": 0.2}),)

    type: Literal["exponential"] = "exponential"
    half_life: float | None = Field(
        default=None, ge=1e-6, le=1e6, description="age in units at which the multiplier is half-way to the floor"
    )
    rate: float | None = Field(default=None, gt=0, le=1e3, description="rate of decay per unit of age")
    floor: Multiplier = Field(default=0.0, description="the limit of the multiplier")

    @property
    def flat(self) -> bool:
        return self.floor == 1

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if (self.half_life is None) == (self.rate is None):
            found = "neither" if self.rate is None else "both"
            yield scope.problem("missing", f"needs either a half_life or a rate, has {found}", "keep one")

    def at(self, ages: Floats) -> Floats:
        rate = self.rate if self.rate is not None else log(2.0) / (self.half_life or 1.0)
        return exp(ages * -rate) * (1.0 - self.floor) + self.floor
