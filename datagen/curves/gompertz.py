"""Arrivals whose total follows a Gompertz curve: a quick rise and a long tail."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.block import Floats
from datagen.curves.base import Curve
from datagen.curves.samples import arriving
from datagen.curves.shape import from_start
from datagen.quantities import HOUR, YEAR_HOURS, Instant
from datagen.sampling.elementary import exp

_LEAST = -1e30  # a logarithm of nothing that can still be subtracted from


class Gompertz(Curve):
    """The total is exp(-exp(-c (t - peak))) of its end: 37 % have come when arrivals peak, later than they began, sooner than they end."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        arriving({"type": "gompertz", "peak": "2023-08-01", "steepness_per_year": 3}),
    )

    type: Literal["gompertz"] = "gompertz"
    peak: Instant = Field(description="when arrivals peak")
    steepness_per_year: float = Field(gt=0, le=1000, description="c: how fast the total settles")

    def density(self, hours: Floats, start: float) -> Floats:
        def log_density(at: Floats) -> Floats:
            since = (at - self.peak / HOUR) * (self.steepness_per_year / YEAR_HOURS)
            return np.maximum(-since - exp(np.minimum(-since, 600.0)), _LEAST)

        return from_start(log_density, hours, start, -1.0)
