"""The same number of children for every parent."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints, Words
from datagen.kinds.count_distributions.base import CountDistribution, baskets
from datagen.random.streams import Stream


class Constant(CountDistribution):
    """The same number for every parent. A multiplied number is rounded at random, so that its mean is kept."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = baskets(type="constant", value=3)

    synonyms: ClassVar[tuple[str, ...]] = ("fixed",)
    type: Literal["constant"] = "constant"
    value: int = Field(ge=0, le=10**9, description="number of children")

    @property
    def bounded(self) -> bool:
        return True

    @property
    def size(self) -> float:
        return float(self.value)

    @property
    def fixed(self) -> int | None:
        return self.value

    def counts(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        if factor is None:
            return np.full(len(ids), self.value, np.int64)
        return np.floor(self.value * factor + stream.uniforms(ids)).astype(np.int64)
