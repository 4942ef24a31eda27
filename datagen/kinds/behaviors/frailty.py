"""Frailty: a constant random multiplier per entity."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.behaviors.base import Behavior
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.behaviors.support.target_rules import own_rate
from datagen.kinds.behaviors.support.time_behavior import Targets
from datagen.point_process.effects import Effect, Entity, Static
from datagen.point_process.factors import LatentVariation, Spread
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.math.elementary import exp, log1p, sqrt

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Frailty(Behavior):
    """A constant multiplier of mean 1 per entity, shared by all its targets.

    With the gamma distribution, counts of events over equal exposure are negative binomial: variance = mean +
    dispersion x mean squared.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shaped({"type": "frailty", "of": ["orders"], "dispersion": 0.8, "truth_column": "activity"}),
        shaped(
            {"type": "frailty", "of": ["orders", "orders.amount"], "dispersion": 0.3, "law": "lognormal"},
            amount={"type": "lognormal", "median": 30, "sigma": 0.8, "decimals": 2},
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "random_effect",
        "heterogeneity",
        "overdispersion",
    )
    type: Literal["frailty"] = "frailty"
    of: Targets = Field(description="the targets: tables (rates) and columns (values); a bare name is a list of one")
    dispersion: float = Field(ge=1e-6, le=100, description="variance of the multiplier")
    law: Literal["gamma", "lognormal"] = Field(default="gamma", description="the distribution of the multiplier")
    truth_column: str | None = Field(default=None, description="name of a hidden column with the multiplier")

    @property
    def varies(self) -> bool:
        return False

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset(self.of)

    def latent(self, scope: Scope) -> Mapping[str, Any]:
        return {self.truth_column: {"type": "frailty_multiplier", "hidden": True}} if self.truth_column else {}

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from own_rate(scope, self.of)

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        return (Static(self.factor(scope)),)

    def marginal(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        return ()

    def unobserved(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        distribution = frailty(self.dispersion, self.law)
        return (Spread(self.dispersion, distribution, ".".join(map(str, scope.keys)), self._crowded),)

    def _crowded(self, levels: int) -> tuple[float, Spread]:
        """The multiplier of rows whose number it multiplied: its distribution, weighted by a power of itself."""
        if self.law == "lognormal":
            return (1.0 + self.dispersion) ** levels, Spread(self.dispersion, frailty(self.dispersion, self.law))
        mean = 1.0 + levels * self.dispersion
        return mean, Spread(self.dispersion / mean, frailty(self.dispersion / mean))

    def factor(self, scope: Scope) -> Callable[[Entity], Floats]:
        """The multiplier of each entity; `scope` is the behavior's own place, planned."""
        distribution, stream = frailty(self.dispersion, self.law), scope.stream("frailty")
        return lambda entity: distribution.sample(stream, entity.ids)


def frailty(dispersion: float, law: Literal["gamma", "lognormal"] = "gamma") -> InverseCdfTable:
    """The distribution of a multiplier of mean 1 and variance `dispersion`."""
    if law == "gamma":
        return distributions.gamma(1.0 / dispersion, 1.0)
    variance = log1p(dispersion)
    return distributions.lognormal(exp(-variance / 2.0), sqrt(variance))
