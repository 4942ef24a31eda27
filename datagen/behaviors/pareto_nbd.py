"""Pareto/NBD: customers buy at rates of their own until they silently leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.behaviors.births import births, oldest
from datagen.behaviors.living import Living, Spells, first_spell
from datagen.behaviors.purchases import Purchases
from datagen.behaviors.samples import shaped
from datagen.behaviors.survival import Alive, common_edges, life_hours, tenure
from datagen.intensity.effects import Effect, Life, Static
from datagen.intensity.factors import AnyFactor, Fading, Spread, Unseen
from datagen.lifetimes.lomax import Lomax

if TYPE_CHECKING:
    from datagen.scope import Scope


class ParetoNbd(Purchases, Living):
    """Purchases are Poisson at a rate lambda ~ Gamma(r, alpha) until dropout at a hazard mu ~ Gamma(s, beta), both per unit.

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
                "alive_until": "alive_until",
            }
        ),
    )

    type: Literal["pareto_nbd"] = "pareto_nbd"
    s: float = Field(ge=0.05, le=1e4, description="shape of the dropout rates; the smaller, the more customers differ")
    beta: float = Field(gt=0, le=1e6, description="s / beta is the mean dropout rate per unit")

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        rates, stream = self.rates, scope.stream("rate")
        return Static(lambda entity: rates.sample(stream, entity.ids)), Life(self.spells(scope))

    def marginal(self, scope: Scope, target: str) -> tuple[Fading, ...]:
        return (self.fading(scope),)

    def fading(self, scope: Scope) -> Fading:
        alive, horizon = self._alive(), oldest(scope, self.born)
        edges = common_edges([alive], horizon)
        return Fading(births(scope, self.born), edges, alive.between(edges, horizon)[np.newaxis])

    def unseen(self, scope: Scope, target: str) -> tuple[Unseen, ...]:
        return (Spread(1.0 / self.r),)

    def factors(self, scope: Scope, target: str) -> tuple[AnyFactor, ...]:
        return tenure(self._alive(), births(scope, self.born), oldest(scope, self.born), self.unit)

    def _alive(self) -> Alive:
        return Alive.of(life_hours(Lomax(shape=self.s, scale=self.beta, unit=self.unit)))

    def spells(self, scope: Scope) -> Spells:
        born, stream = births(scope, self.born), scope.stream("life")
        law = Lomax(shape=self.s, scale=self.beta, unit=self.unit)
        return lambda entity: [first_spell(born(entity), law.hours(stream, entity.ids))]
