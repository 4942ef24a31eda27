"""The Bass diffusion curve: adoption by innovation and by imitation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.arrival_curves.base import Curve, arriving
from datagen.random.math.elementary import exp
from datagen.time_units import HOUR, UNIT_HOURS, Instant, format_instant

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Bass(Curve):
    """Bass (1969), "A new product growth model": F(t) = (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t), t since the launch.

    Arrivals peak ln(q/p) / (p+q) units after the launch. The default `launch` is the window's start; entities from
    before the window then arrive at the rate of the launch. With a given `launch`, nobody arrives before it. `count` is
    the number of arrivals within the window.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        arriving({"type": "bass", "p": 0.03, "q": 0.38, "unit": "month"}),
    )

    type: Literal["bass"] = "bass"
    p: float = Field(gt=0, le=10, description="coefficient of innovation, per unit")
    q: float = Field(ge=0, le=100, description="coefficient of imitation, per unit")
    unit: Literal["day", "week", "month", "quarter", "year"] = Field(
        default="year", description="the unit of time of p and q"
    )
    launch: Instant | None = Field(default=None, description="the launch; the default is the window's start")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if scope.window is not None and self.launch is not None and self.launch >= scope.window.end:
            message = f"the launch ({format_instant(self.launch)}) is after the window"
            yield scope.problem("range", message, "choose a time before its end", "launch")

    def density(self, hours: Floats, start: float) -> Floats:
        launch = start if self.launch is None else self.launch / HOUR
        before = 1.0 if self.launch is None else 0.0
        rates = np.where(hours < launch, before, self._density((hours - launch) / UNIT_HOURS[self.unit]))
        at_start = float(self._density(np.array([max(start - launch, 0.0) / UNIT_HOURS[self.unit]]))[0])
        return rates / max(at_start, 1e-200)

    def _density(self, since: Floats) -> Floats:
        """The density at times after the launch, relative to the launch."""
        left = exp(-(self.p + self.q) * np.maximum(since, 0.0))
        ratio = self.q / self.p
        rise = (1.0 + ratio) / (1.0 + ratio * left)
        return left * rise * rise
