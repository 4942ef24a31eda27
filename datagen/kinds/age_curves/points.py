"""A multiplier for each unit of age."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.base import AgeCurve, Multiplier
from datagen.kinds.age_curves.support.step_approximation import Steps
from datagen.kinds.behaviors.support.examples import aging


class Points(AgeCurve):
    """Value k holds for ages from k to k + 1 units; the last value holds for all later ages. A bare list is short for
    it.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        aging({"type": "points", "values": [1.0, 0.75, 0.6, 0.5, 0.45, 0.4]}),
        aging([1.0, 0.8, 0.7]),
    )
    stepwise: ClassVar[bool] = True

    type: Literal["points"] = "points"
    values: Annotated[tuple[Multiplier, ...], Field(min_length=1, max_length=240)] = Field(
        description="multipliers of the first unit of age, the second ..."
    )

    @property
    def flat(self) -> bool:
        return len(set(self.values)) == 1

    def at(self, ages: Floats) -> Floats:
        whole = np.clip(np.floor(ages), 0, len(self.values) - 1).astype(np.int64)
        return np.array(self.values, np.float64).take(whole)

    def steps(self, unit_hours: float) -> Steps:
        edges = np.rint(np.arange(len(self.values)) * unit_hours)
        return Steps.merged(edges, np.array(self.values, np.float64))
