"""Pareto/NBD: customers purchase at individual rates until they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.kinds.behaviors.support.birth_time import births, oldest
from datagen.kinds.behaviors.support.buy_till_you_die import Purchases
from datagen.kinds.behaviors.support.examples import shaped
from datagen.kinds.behaviors.support.lifetime_behavior import LifetimeBehavior, Spells, first_spell
from datagen.kinds.behaviors.support.survival_curves import SurvivalCurve, common_edges, life_hours, tenure
from datagen.kinds.lifetimes.lomax import Lomax
from datagen.point_process.effects import Alive, Effect, Static
from datagen.point_process.factors import AnyFactor, LatentVariation, Spread, SurvivalFactor

if TYPE_CHECKING:
    from datagen.scope import Scope


class ParetoNbd(Purchases, LifetimeBehavior):
    """Purchases are Poisson at a rate lambda ~ Gamma(r, alpha) until dropout at a hazard mu ~ Gamma(s, beta), both per
    unit.

    Lives are Lomax, S(t) = (beta / (beta + t)) ^ s. Source: Schmittlein, Morrison and Colombo (1987), Counting your
    customers. Recency and frequency count from birth, so estimate with customers born in the window.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shaped(
            {
                "type": "pareto_nbd",
                "of": "orders",
                "unit": "week",
                "r": 0.55,
                "s": 0.6,
                "beta": 11.7,
                "truth_column": "alive_until",
            }
        ),
    )

    type: Literal["pareto_nbd"] = "pareto_nbd"
    s: float = Field(ge=0.05, le=1e4, description="shape of the dropout rates; the smaller, the more customers differ")
    beta: float = Field(ge=1e-6, le=1e6, description="s / beta is the mean dropout rate per unit")

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        rates, stream = self.rates, scope.stream("rate")
        return Static(lambda entity: rates.sample(stream, entity.ids)), Alive(self.spells(scope))

    def marginal(self, scope: Scope, target: str) -> tuple[SurvivalFactor, ...]:
        return (self.survival_factor(scope),)

    def survival_factor(self, scope: Scope) -> SurvivalFactor:
        alive, horizon = self._alive(), oldest(scope, self.born)
        edges = common_edges([alive], horizon)
        return SurvivalFactor(births(scope, self.born), edges, alive.between(edges, horizon)[np.newaxis])

    def unobserved(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        return (Spread(1.0 / self.r),)

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        return tenure(self._alive(), births(scope, self.born), oldest(scope, self.born), self.unit)

    def _alive(self) -> SurvivalCurve:
        return SurvivalCurve.of(life_hours(Lomax(shape=self.s, scale=self.beta, unit=self.unit)))

    def spells(self, scope: Scope) -> Spells:
        born, stream = births(scope, self.born), scope.stream("life")
        distribution = Lomax(shape=self.s, scale=self.beta, unit=self.unit)
        return lambda entity: [first_spell(born(entity), distribution.hours(stream, entity.ids))]
