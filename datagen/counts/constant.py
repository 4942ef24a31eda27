"""The same number of children for every parent."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.block import Floats, Ints, Words
from datagen.counts.base import CountLaw
from datagen.counts.samples import baskets
from datagen.streams import Stream


class Constant(CountLaw):
    """The same number for every parent; a multiplied one is rounded at random, so that its mean is kept."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = baskets(type="constant", value=3)

    type: Literal["constant"] = "constant"
    value: int = Field(ge=0, le=10**9, description="number of children")

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
