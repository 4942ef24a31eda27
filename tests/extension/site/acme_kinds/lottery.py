"""A behavior of another package: a few entities win, and do more from then on."""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.behaviors.base import Behavior
from datagen.point_process.effects import Effect, Entity, Static
from datagen.point_process.factors import LatentVariation, Spread
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
        mean = 1.0 + self.share * (self.multiply - 1.0)
        return (Static(lambda entity: np.full(len(entity), mean)),)

    def unseen(self, scope: Scope, target: str) -> tuple[LatentVariation, ...]:
        mean = 1.0 + self.share * (self.multiply - 1.0)
        variance = self.share * (1.0 - self.share) * (self.multiply - 1.0) ** 2
        return (Spread(variance / mean**2),)
