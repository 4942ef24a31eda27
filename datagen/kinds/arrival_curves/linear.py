"""Arrivals at a rate that changes linearly."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.arrival_curves.base import Curve
from datagen.time_units import YEAR_HOURS


class Linear(Curve):
    """The rate at the window's start, plus `growth_per_year` of it each year, never below 0. A growth of 0 is a
    constant rate.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "signups",
            "window": {"start": "2024-01-01", "end": "2025-01-01"},
            "tables": {
                "users": {
                    "rows": {"type": "arrivals", "count": 50, "curve": {"type": "linear", "growth_per_year": 1.0}},
                    "columns": {"user_id": {"type": "key"}, "joined_at": {"type": "arrival_time"}},
                }
            },
        },
    )

    type: Literal["linear"] = "linear"
    growth_per_year: float = Field(
        default=0.0, ge=-10, le=1000, description="change of the rate per year, as a share of its start"
    )

    def density(self, hours: Floats, start: float) -> Floats:
        return np.maximum(1.0 + (hours - start) * (self.growth_per_year / YEAR_HOURS), 0.0)
