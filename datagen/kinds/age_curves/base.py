"""The base class of age curves: a multiplier by age, exact for values, piecewise linear in whole hours for rates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from datagen.kinds.age_curves.support.step_approximation import Steps, stepped
from datagen.point_process.effects import Aging, Entity
from datagen.registry import Kind
from datagen.time_units import UNIT_HOURS, AgeUnit

if TYPE_CHECKING:
    from datagen.columnar.block import Floats, Ints
    from datagen.errors import Problem
    from datagen.scope import Scope

Multiplier = Annotated[float, Field(ge=0, le=1e6)]


class AgeCurve(Kind, family="age_curves"):
    """A multiplier by age. A list of numbers is short for `points`."""

    stepwise: ClassVar[bool] = False
    """Whether the curve is constant between its steps, so that the steps describe it completely."""

    unit: AgeUnit | None = Field(default=None, description="unit of age; the default is the vintage's")

    @classmethod
    def shorthand(cls, data: Any) -> Any:
        return {"type": "points", "values": data} if isinstance(data, list | tuple) else data

    @property
    def flat(self) -> bool:
        """Whether the multiplier is the same at every age."""
        raise TypeError(f"age curve '{self.type}' does not say whether it is flat")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape."""
        if self.flat:
            message = "the multiplier is the same at every age, so age has no effect"
            yield scope.problem("no-effect", message, "leave it out, or use different multipliers")

    def at(self, ages: Floats) -> Floats:
        """The multiplier at each age, shape (n,). Ages are in units and at least 0. Portable across CPUs."""
        raise TypeError(f"age curve '{self.type}' has no values")

    def steps(self, unit_hours: float) -> Steps:
        """The curve as pieces; each has the mean over its span."""
        return _stepped(self, unit_hours)

    def aging(self, born: Callable[[Entity], Ints], unit: AgeUnit) -> Aging:
        """The effect on entities born at `births`; `unit` is the default unit of the curve."""
        per_hour = 1.0 / UNIT_HOURS[self.unit or unit]
        steps = self.steps(UNIT_HOURS[self.unit or unit])
        smooth = None if self.stepwise else lambda hours: self.at(hours * per_hour)
        return Aging(born, steps.edges, steps.values, smooth, steps.slopes)


@lru_cache(256)
def _stepped(curve: AgeCurve, unit_hours: float) -> Steps:
    return stepped(lambda hours: curve.at(hours * (1.0 / unit_hours)))
