"""One child or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints, Words
from datagen.kinds.count_distributions.base import CountDistribution, baskets
from datagen.random.streams import Stream


class Bernoulli(CountDistribution):
    """One child for a share of the parents, none for the others. A multiplier acts on the odds, so the share stays
    between 0 and 1.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = baskets(type="bernoulli", share=0.3)

    left_out: ClassVar[Mapping[str, str]] = {
        "p prob probability": "share",
    }
    type: Literal["bernoulli"] = "bernoulli"
    share: float = Field(ge=0, le=1, description="share of parents that have a child")

    @property
    def fixed(self) -> int | None:
        return int(self.share) if self.share in (0.0, 1.0) else None

    @property
    def bounded(self) -> bool:
        return True

    @property
    def decides_zeros(self) -> bool:
        return True

    @property
    def size(self) -> float:
        return 1.0

    def limits(self, *, multiplied: bool) -> tuple[int, int | None]:
        return int(self.share == 1.0 and not multiplied), 1

    def counts(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        share = self.share if factor is None else self._multiplied(factor)
        return (stream.uniforms(ids) < share).astype(np.int64)

    def _multiplied(self, factor: Floats) -> Floats:
        """The share with its odds multiplied; 0 if the multiplier is 0."""
        having = self.share * factor
        share: Floats = having / np.maximum(1.0 - self.share + having, 1e-300)
        return share
