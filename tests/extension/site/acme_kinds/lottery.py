"""A behavior of another package: a few entities win, and have more rows."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.behaviors.base import Behavior
from datagen.point_process.effects import Effect, Entity, Static
from datagen.point_process.factors import LatentVariation, Spread
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.scope import Scope


class Lottery(Behavior):
    """A share of the entities has `multiply` times as many rows."""

    type: Literal["lottery"] = "lottery"
    of: tuple[str, ...] = Field(description="the tables whose rates are multiplied")
    share: float = Field(gt=0, lt=1, description="the share of winners")
    multiply: float = Field(gt=0, description="what winners' rates are multiplied by")

    @property
    def varies(self) -> bool:
        return False

    def targets(self, scope: Scope) -> frozenset[str]:
        return frozenset(self.of)

    def bind(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        stream = scope.stream("winners")

        def factor(entity: Entity) -> Floats:
            return np.where(stream.uniforms(entity.ids) < self.share, self.multiply, 1.0)

        return (Static(factor),)

    def marginal(self, scope: Scope, target: str) -> tuple[Effect, ...]:
        return (Static(lambda entity: np.full(len(entity), self._mean)),)

    def unobserved(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        """The multiplier relative to its mean: which entities win is in no file."""
        variance = self.share * (1.0 - self.share) * (self.multiply - 1.0) ** 2
        return (Spread(variance / self._mean**2, InverseCdfTable.of(self._quantiles)),)

    @property
    def _mean(self) -> float:
        return 1.0 + self.share * (self.multiply - 1.0)

    def _quantiles(self, probability: Floats, upper: bool) -> Floats:
        winner = (probability if upper else 1.0 - probability) < self.share
        return np.where(winner, self.multiply, 1.0) / self._mean
