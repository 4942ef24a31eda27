"""BG/NBD: customers purchase at individual rates and may leave after each purchase."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints
from datagen.kinds.behaviors.support.birth_time import birth_needs, birth_problems, births, oldest
from datagen.kinds.behaviors.support.buy_till_you_die import Purchases
from datagen.kinds.behaviors.support.examples import shaped
from datagen.point_process.effects import Effect, Entity, MaxEvents, Static
from datagen.point_process.factors import BgNbdDropout, LatentVariation, Spread, SurvivalFactor
from datagen.random import distributions
from datagen.random.count_distributions import poisson
from datagen.random.math.elementary import exp, log1p
from datagen.random.stratified_stream import StratifiedStream
from datagen.time_units import HOUR, UNIT_HOURS

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import ColumnRef, Scope


class BgNbd(Purchases):
    """Purchases are Poisson at a rate lambda ~ Gamma(r, alpha). After each one the customer leaves with p ~ Beta(a, b).

    Source: Fader, Hardie and Lee (2005), Counting your customers the easy way. The events are the repeat purchases;
    birth is the first. Purchases before the window of customers born earlier count as well. Their number is drawn from
    the table's mean and the customer's rate, without trend and season.
    """

    ends_lives: ClassVar[bool] = True
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shaped({"type": "bg_nbd", "of": "orders", "unit": "week", "r": 0.25, "a": 0.8, "b": 2.4}),
    )

    type: Literal["bg_nbd"] = "bg_nbd"
    a: float = Field(gt=0.01, le=1e5, description="a / (a + b) is the mean probability of leaving after a purchase")
    b: float = Field(gt=0.01, le=1e5, description="the larger a and b, the more alike customers are")
    born: str | None = Field(
        default=None, description="timestamp of the birth; the default is the arrival or event time"
    )

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return birth_needs(scope, self.born)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        yield from birth_problems(scope, self.born)

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        rates, stream = self.rates, scope.stream("rate")
        chance, luck = distributions.beta(self.a, self.b), scope.stream("chance")
        ended, past = scope.stream("ended"), self._past(scope)

        def factor(entity: Entity) -> Floats:
            return rates.sample(stream, entity.ids)

        def limit(entity: Entity) -> Ints:
            bought = purchases(chance.sample(luck, entity.ids), ended.uniforms(entity.ids))
            left: Ints = np.maximum(bought - past(entity, factor(entity)), 0)
            return left

        return Static(factor), MaxEvents(limit)

    def marginal(self, scope: Scope, target: str) -> tuple[SurvivalFactor, ...]:
        """The mean rate by age. A customer of rate l and chance p leaves at the rate l p, so it is E[l exp(-l p t)] /
        E[l].

        The mean over p uses many quantiles, the mean over l is (alpha / (alpha + p t)) ** (r + 1). Trend and season are
        ignored.
        """
        horizon = oldest(scope, self.born)
        edges = np.unique(np.rint(np.linspace(0.0, 1.0, 60) ** 2.0 * horizon))
        chances = distributions.beta(self.a, self.b).at(StratifiedStream(512).words(np.arange(512, dtype=np.uint64)))
        alpha = self.r / max(self.mean(scope), 1e-12) * UNIT_HOURS[self.unit]
        middles = (edges + np.append(edges[1:], horizon)) / 2.0
        past = np.outer(middles, chances) / alpha
        rate = exp(log1p(past.ravel()) * -(self.r + 1.0)).reshape(past.shape)
        mean = np.add.reduce(rate, axis=1) / len(chances)
        return (SurvivalFactor(births(scope, self.born), edges, mean[np.newaxis], monotone=False),)

    def unobserved(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        return (Spread(1.0 / self.r), BgNbdDropout(self.r, self.a, self.b))

    def _past(self, scope: Scope) -> Callable[[Entity, Floats], Ints]:
        """The number of purchases before the window."""
        born, stream, window = births(scope, self.born), scope.stream("past"), scope.window
        per_hour = self.mean(scope) / UNIT_HOURS[self.unit]
        start = window.start if window else 0

        def past(entity: Entity, rate: Floats) -> Ints:
            hours = np.maximum(start - born(entity), 0) * (1.0 / HOUR)
            return poisson(stream.words(entity.ids), hours * rate * per_hour)

        return past


def purchases(chances: Floats, uniforms: Floats) -> Ints:
    """The number of purchases until the customer leaves, from 1: geometric, with each customer's own
    chance of leaving.
    """
    tries = log1p(-uniforms) / log1p(-np.clip(chances, 1e-12, 1.0 - 1e-12))
    return np.floor(np.minimum(tries, 1e15)).astype(np.int64) + 1
