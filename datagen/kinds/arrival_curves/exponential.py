"""Arrivals at a rate that grows exponentially."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.arrival_curves.base import Curve, arriving, raised
from datagen.random.math.elementary import log1p
from datagen.time_units import YEAR_HOURS

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Exponential(Curve):
    """Compound growth: t years after the window's start, the rate is (1 + g)^t times its rate there."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (arriving({"type": "exponential", "growth_per_year": 0.8}),)

    type: Literal["exponential"] = "exponential"
    growth_per_year: float = Field(gt=-1, le=1e6, description="0.5 is half as much again every year, -0.5 half as much")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.growth_per_year == 0:
            yield scope.problem("no-effect", "growth of 0 is a constant rate", "leave the curve out", "growth_per_year")

    def density(self, hours: Floats, start: float) -> Floats:
        return raised((hours - start) * (log1p(self.growth_per_year) / YEAR_HOURS))
