"""A column of independent draws from one continuous distribution."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING

from datagen.columnar.block import Floats, Rows
from datagen.kinds.generators.base import Draw, Numeric
from datagen.kinds.generators.support.numeric_range import RARE, UNSEEN, USUAL
from datagen.random.inverse_cdf import TABLE_BYTES, InverseCdfTable

if TYPE_CHECKING:
    from datagen.scope import Scope, StaticContext


class DistributionGenerator(Numeric):
    """A numeric generator defined by a quantile function, with one random word per cell."""

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        return ()

    def distribution(self) -> InverseCdfTable:
        """The distribution, with its amounts as float64 (durations in microseconds)."""
        raise TypeError(f"generator '{self.type}' has no distribution")

    @property
    def tabulated(self) -> int:
        return TABLE_BYTES

    def ends(self, chance: float) -> tuple[float, float]:
        return self._ends[chance]

    @cached_property
    def _ends(self) -> Mapping[float, tuple[float, float]]:
        distribution = self.distribution()
        return {chance: distribution.ends(chance) for chance in (RARE, UNSEEN, USUAL)}

    def draw(self, scope: Scope) -> Draw:
        distribution, stream = cache(self.distribution), scope.stream()  # tabulated once there are rows

        def draw(rows: Rows) -> Floats:
            return distribution().sample(stream, rows.ids)

        return draw
