"""Poisson process."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from datagen.kinds.interarrival.base import Interarrival, Setting
from datagen.point_process.nhpp import Poisson, period_hours
from datagen.point_process.process import Process
from datagen.random.distributions import exponential
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.scope import Scope


class PoissonGaps(Interarrival):
    """A Poisson process: gaps are independent, and exponential at a constant rate, with a coefficient of variation of
    1.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "datagen": 1,
            "name": "visits",
            "window": {"start": "2024-01-01", "end": "2024-07-01"},
            "tables": {
                "users": {"rows": 20, "columns": {"user_id": {"type": "key"}}},
                "visits": {
                    "parent": "users",
                    "rows": {"type": "events", "mean_per_month": 3, "gaps": {"type": "poisson"}},
                    "columns": {
                        "visit_id": {"type": "key"},
                        "user_id": {"type": "parent_key"},
                        "at": {"type": "event_time"},
                    },
                },
            },
        },
    )

    synonyms: ClassVar[tuple[str, ...]] = ("random", "memoryless")

    type: Literal["poisson"] = "poisson"

    @property
    def variation(self) -> float | None:
        return 1.0

    @property
    def fano(self) -> float | None:
        return 1.0

    def distribution(self) -> InverseCdfTable | None:
        return exponential(1.0)

    def process(self, setting: Setting, scope: Scope) -> Process:
        hours = period_hours(setting.per_hour)
        return Poisson(setting.clock, scope.stream("number"), scope.stream("moment"), hours, setting.start, setting.end)
