"""Arrivals whose cumulative number follows a Gompertz curve."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.arrival_curves.base import Curve, arriving, from_start
from datagen.random.math.elementary import exp
from datagen.time_units import HOUR, YEAR_HOURS, Instant

_LEAST = -1e30  # in place of log(0), finite for subtractions


class Gompertz(Curve):
    """The cumulative number is exp(-exp(-c (t - peak))) of its limit. At the peak of arrivals, 37 % have arrived."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        arriving({"type": "gompertz", "peak": "2023-08-01", "steepness_per_year": 3}),
    )

    type: Literal["gompertz"] = "gompertz"
    peak: Instant = Field(description="when arrivals peak")
    steepness_per_year: float = Field(gt=0, le=1000, description="c: the growth rate")

    def density(self, hours: Floats, start: float) -> Floats:
        def log_density(at: Floats) -> Floats:
            since = (at - self.peak / HOUR) * (self.steepness_per_year / YEAR_HOURS)
            return np.maximum(-since - exp(np.minimum(-since, 600.0)), _LEAST)

        return from_start(log_density, hours, start, -1.0)
