"""Curves kept between a floor and a ceiling."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from datagen.kinds.age_curves.base import AgeCurve, Multiplier

if TYPE_CHECKING:
    from datagen.columnar.block import Floats
    from datagen.errors import Problem
    from datagen.scope import Scope


class Bounded(AgeCurve):
    """A curve that starts at 1 and stays between `floor` and `ceiling`."""

    floor: Multiplier = Field(default=0.0, description="the smallest multiplier")
    ceiling: Multiplier | None = Field(default=None, description="the largest multiplier")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if self.floor > 1:
            yield scope.problem(
                "range", f"floor {self.floor:g} is above 1, where the curve starts", "lower it", "floor"
            )
        if self.ceiling is not None and self.ceiling < 1:
            message = f"ceiling {self.ceiling:g} is below 1, where the curve starts"
            yield scope.problem("range", message, "raise it", "ceiling")

    def kept(self, values: Floats) -> Floats:
        """The values clipped to the range."""
        return np.clip(values, self.floor, 1e6 if self.ceiling is None else self.ceiling)

    def flat_at(self, slope: float) -> bool:
        """Whether a curve that starts at 1 with this slope stays there."""
        return slope == 0 or (slope > 0 and self.ceiling == 1) or (slope < 0 and self.floor == 1)
