"""Arrivals whose cumulative number follows a logistic curve."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.arrival_curves.base import Curve, arriving, from_start
from datagen.random.math.elementary import exp, log1p
from datagen.time_units import HOUR, YEAR_HOURS, Instant


class Logistic(Curve):
    """The cumulative number is 1 / (1 + exp(-k (t - midpoint))) of its limit. The rate peaks at the midpoint.

    `steepness_per_year` is k: four fifths arrive within 2.2 / k years around the midpoint.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        arriving({"type": "logistic", "midpoint": "2024-01-01", "steepness_per_year": 4}),
    )

    type: Literal["logistic"] = "logistic"
    midpoint: Instant = Field(description="the peak of arrivals, when half have arrived")
    steepness_per_year: float = Field(gt=0, le=1000, description="how sharp the peak is")

    def density(self, hours: Floats, start: float) -> Floats:
        def log_density(at: Floats) -> Floats:
            size = np.abs(at - self.midpoint / HOUR) * (self.steepness_per_year / YEAR_HOURS)
            return -size - 2.0 * log1p(exp(-size))

        return from_start(log_density, hours, start, -2.0 * log1p(1.0))
