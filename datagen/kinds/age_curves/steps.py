"""A multiplier that changes at given ages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.age_curves.base import AgeCurve, Multiplier
from datagen.kinds.age_curves.support.step_approximation import Steps
from datagen.kinds.behaviors.support.examples import aging
from datagen.registry import Strict

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Step(Strict):
    """The multiplier from this age on."""

    from_: float = Field(alias="from", ge=0, le=20_000, description="age in units")
    value: Multiplier = Field(description="the multiplier from this age on")


class AgeSteps(AgeCurve):
    """The multiplier is 1 up to the first step, then the value of the latest step. Ages are rounded to whole hours."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        aging({"type": "steps", "steps": [{"from": 3, "value": 0.6}, {"from": 12, "value": 0.3}]}),
    )
    stepwise: ClassVar[bool] = True

    type: Literal["steps"] = "steps"
    steps_: Annotated[tuple[Step, ...], Field(min_length=1, max_length=240)] = Field(
        alias="steps", description="ages in ascending order, each with the multiplier that holds from then on"
    )

    @property
    def _ages(self) -> tuple[float, ...]:
        lead = (0.0,) if self.steps_[0].from_ > 0 else ()
        return (*lead, *(step.from_ for step in self.steps_))

    @property
    def _values(self) -> tuple[float, ...]:
        lead = (1.0,) if self.steps_[0].from_ > 0 else ()
        return (*lead, *(step.value for step in self.steps_))

    @property
    def flat(self) -> bool:
        return len(set(self._values)) == 1

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        for index, (before, after) in enumerate(pairwise(self.steps_), start=1):
            if after.from_ <= before.from_:
                message = f"age {after.from_:g} does not come after {before.from_:g}"
                yield scope.problem(
                    "invalid-order", message, "write the steps in ascending order", "steps", index, "from"
                )

    def at(self, ages: Floats) -> Floats:
        step = np.searchsorted(np.array(self._ages), ages, side="right") - 1
        return np.array(self._values).take(np.maximum(step, 0))

    def steps(self, unit_hours: float) -> Steps:
        return Steps.merged(np.rint(np.array(self._ages) * unit_hours), np.array(self._values))
