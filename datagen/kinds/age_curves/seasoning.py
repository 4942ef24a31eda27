"""Credit seasoning: defaults rise with age to a plateau and fall again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.base import AgeCurve
from datagen.kinds.behaviors.support.examples import aging

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Seasoning(AgeCurve):
    """Rises linearly from `start` to 1 at age `rise`, stays until `plateau_end`, falls to `end` at `fall`, then stays.

    The defaults are the Standard Default Assumption for mortgages, by month on book: 0.02 % a year more each month up
    to 0.60 % at 30, level until 60, down to 0.03 % at 120 (Public Securities Association, Standard Formulas, 1993). The
    multiplier is 1 at the peak, so the table's mean is the peak rate.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        aging({"type": "seasoning"}),
        aging({"type": "seasoning", "rise": 8, "plateau_end": 12, "fall": 36, "end": 0.3}),
    )

    type: Literal["seasoning"] = "seasoning"
    start: float = Field(default=0.0, ge=0, le=1, description="the multiplier at age 0")
    rise: float = Field(default=30.0, ge=1e-6, le=20_000, description="age in units at which the peak is reached")
    plateau_end: float = Field(default=60.0, ge=1e-6, le=20_000, description="age at which the peak ends")
    fall: float = Field(default=120.0, ge=1e-6, le=20_000, description="age at which the fall ends")
    end: float = Field(default=0.05, ge=0, le=1, description="the multiplier after the fall")

    @property
    def flat(self) -> bool:
        return self.start == 1 and self.end == 1

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if not self.rise <= self.plateau_end < self.fall:
            message = (
                f"the ages rise {self.rise:g}, plateau_end {self.plateau_end:g} and fall {self.fall:g} do not ascend"
            )
            yield scope.problem("invalid-order", message, "write rise <= plateau_end < fall")

    def at(self, ages: Floats) -> Floats:
        rising = np.minimum(ages * ((1.0 - self.start) / self.rise) + self.start, 1.0)
        gone = np.clip((ages - self.plateau_end) * (1.0 / (self.fall - self.plateau_end)), 0.0, 1.0)
        return rising * (1.0 - gone * (1.0 - self.end))
