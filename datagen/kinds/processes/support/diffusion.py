"""Curves of adoption: cumulative hazards of calendar time in closed form, and their inverses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.random.math.elementary import exp, expm1, log, log1p
from datagen.registry import Strict
from datagen.time_units import HOUR, UNIT_HOURS, YEAR_HOURS, AgeUnit, Instant

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

_MOST = 600.0
"""A cumulative hazard beyond which everybody has adopted."""


class DiffusionCurve(Protocol):
    """F(t), the share of potential adopters who have adopted by a time, as a cumulative hazard H = -log(1 - F)."""

    def hazard(self, times: Ints) -> Floats:
        """H at times (microseconds), shape (n,)."""

    def when(self, hazard: Floats) -> Floats:
        """The hours since 1970 at which H reaches these values, shape (n,)."""


class BassDiffusion(Strict):
    """Bass (1969), "A new product growth model": F(t) = (1 - e^-(p+q)t) / (1 + (q/p) e^-(p+q)t), t since the launch."""

    type: Literal["bass"] = "bass"
    p: float = Field(gt=0, le=10, description="coefficient of innovation, per unit")
    q: float = Field(ge=0, le=100, description="coefficient of imitation, per unit")
    unit: AgeUnit = Field(default="month", description="the unit of time of p and q")
    launch: Instant = Field(description="when it begins; nobody adopts before")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if scope.window is not None and self.launch >= scope.window.end:
            yield scope.problem("range", "the launch comes after the window", "choose a time before its end", "launch")

    @property
    def _per_hour(self) -> float:
        return (self.p + self.q) / UNIT_HOURS[self.unit]

    def hazard(self, times: Ints) -> Floats:
        reached = np.maximum(times - self.launch, 0) * (self._per_hour / HOUR)
        ratio = self.q / self.p
        found: Floats = reached + log1p(ratio * exp(np.maximum(-reached, -700.0))) - log(1.0 + ratio)
        return np.maximum(found, 0.0)

    def when(self, hazard: Floats) -> Floats:
        reached = log1p(self.q / self.p * -expm1(-hazard)) + hazard
        found: Floats = reached / self._per_hour + self.launch / HOUR
        return found


class LogisticDiffusion(Strict):
    """F(t) = 1 / (1 + exp(-k (t - midpoint))): half have adopted at the midpoint."""

    type: Literal["logistic"] = "logistic"
    midpoint: Instant = Field(description="when half of the potential adopters have adopted")
    steepness_per_year: float = Field(gt=0, le=1000, description="k")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from ()

    def hazard(self, times: Ints) -> Floats:
        since = (times - self.midpoint) * (self.steepness_per_year / YEAR_HOURS / HOUR)
        found: Floats = np.maximum(since, 0.0) + log1p(exp(np.maximum(-np.abs(since), -700.0)))
        return found

    def when(self, hazard: Floats) -> Floats:
        since = hazard + log(np.maximum(-expm1(-hazard), 1e-300))
        found: Floats = since * (YEAR_HOURS / self.steepness_per_year) + self.midpoint / HOUR
        return found


class GompertzDiffusion(Strict):
    """F(t) = exp(-exp(-c (t - peak))): 37 % have adopted when adoption peaks."""

    type: Literal["gompertz"] = "gompertz"
    peak: Instant = Field(description="when adoption peaks")
    steepness_per_year: float = Field(gt=0, le=1000, description="c")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from ()

    def hazard(self, times: Ints) -> Floats:
        since = (times - self.peak) * (self.steepness_per_year / YEAR_HOURS / HOUR)
        gone = exp(np.clip(-since, -700.0, 600.0))
        found: Floats = -log(np.maximum(-expm1(-np.minimum(gone, 700.0)), 1e-300))
        return found

    def when(self, hazard: Floats) -> Floats:
        gone = -log1p(-exp(-np.clip(hazard, 1e-12, _MOST)))
        found: Floats = -log(np.maximum(gone, 1e-300)) * (YEAR_HOURS / self.steepness_per_year) + self.peak / HOUR
        return found


AnyDiffusion = Annotated[BassDiffusion | LogisticDiffusion | GompertzDiffusion, Field(discriminator="type")]
