"""Noise: an autocorrelated daily multiplier."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.kinds.behaviors.support.examples import orders_with
from datagen.kinds.behaviors.support.time_behavior import TimeBehavior
from datagen.point_process.effects import Calendar, Effect
from datagen.point_process.factors import Daily, LatentVariation
from datagen.random.distributions import normal
from datagen.random.math.elementary import exp, log1p, sqrt
from datagen.random.streams import Stream, root_identities

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

_FORGOTTEN = 2.0**-60
_LEAST_SD = 1e-6
"""The smallest standard deviation of which the square is more than rounding beside 1."""


class Noise(TimeBehavior):
    """A multiplier of mean 1 for each day (UTC): lognormal, with a stationary AR(1) logarithm of autocorrelation `rho`.

    All targets of one declaration share the same days; two declarations are independent. A day is the weighted sum of
    its own shock and earlier shocks. Each shock is drawn by its date, so the values do not depend on the window.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (orders_with({"type": "noise", "rho": 0.6, "sd": 0.1}),)

    synonyms: ClassVar[tuple[str, ...]] = (
        "jitter",
        "random_noise",
        "volatility",
    )
    type: Literal["noise"] = "noise"
    rho: float = Field(default=0.5, ge=0, le=0.95, description="correlation of the logarithms of successive days")
    sd: float = Field(ge=0, le=2, description="standard deviation of the multiplier, whose mean is 1")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if self.sd < _LEAST_SD:
            message = f"noise of sd {self.sd:g} has no effect"
            yield scope.problem("no-effect", message, "leave the noise out, or write 0.1", "sd")

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        grid = scope.grid()
        first = grid.start // 24
        days = np.arange(first, first + grid.hours // 24 + 2)
        factor = self.by_day(scope.stream("noise"), days)
        return (Calendar(factor.take(grid.days - first)[np.newaxis]),)

    def marginal(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        return ()

    def unobserved(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        return (Daily(self.sd, self.rho),)

    def by_day(self, stream: Stream, days: Ints) -> Floats:
        """The multipliers of successive days since 1970, shape (n,)."""
        variance = log1p(self.sd * self.sd)
        return exp(sqrt(variance) * self._standard(stream, days) - variance / 2)

    def _standard(self, stream: Stream, days: Ints) -> Floats:
        """The AR(1) process, scaled to variance 1."""
        weights = [sqrt(1.0 - self.rho * self.rho)]
        while weights[-1] * self.rho > _FORGOTTEN:
            weights.append(weights[-1] * self.rho)
        before = len(weights) - 1
        reached = np.arange(int(days[0]) - before, int(days[-1]) + 1)
        shocks = normal().sample(stream, root_identities(reached))
        state = np.zeros(len(days))
        for lag, weight in enumerate(weights):
            state += weight * shocks[before - lag : before - lag + len(days)]
        return state
