"""Equally likely numbers of children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints, Words
from datagen.errors import Problem
from datagen.kinds.count_distributions.base import CountDistribution, baskets
from datagen.random.integers import uniform_below
from datagen.random.streams import Stream
from datagen.scope import Scope


class Uniform(CountDistribution):
    """Every whole number from `min` to `max` equally often. A multiplied number is rounded at random."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = baskets(type="uniform", min=1, max=4)

    synonyms: ClassVar[tuple[str, ...]] = (
        "random",
        "range",
        "randint",
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "low loc a": "min",
        "high b": "max",
        "mean": "the mean is (min + max) / 2",
    }
    type: Literal["uniform"] = "uniform"
    min: int = Field(ge=0, le=10**9, description="smallest number")
    max: int = Field(ge=0, le=10**9, description="largest number")

    @property
    def bounded(self) -> bool:
        return True

    @property
    def size(self) -> float:
        return float(self.max)

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.min > self.max:
            yield scope.problem("range", f"min {self.min} is above max {self.max}", "swap them", "min")

    def limits(self, *, multiplied: bool) -> tuple[int, int | None]:
        return (0, None) if multiplied else (self.min, self.max)

    def counts(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        drawn = uniform_below(stream.words(ids), self.max - self.min + 1) + self.min
        if factor is None:
            return drawn
        return np.floor(drawn * factor + stream.substream(1).uniforms(ids)).astype(np.int64)
