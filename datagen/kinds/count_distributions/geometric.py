"""Geometric numbers of children."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints, Words
from datagen.errors import Problem
from datagen.kinds.count_distributions.base import CappedCount, baskets
from datagen.random.count_distributions import geometric
from datagen.random.streams import Stream
from datagen.scope import Scope


class Geometric(CappedCount):
    """Geometric from `min` upwards, so the smallest number is the most frequent. The mean includes the minimum."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = baskets(type="geometric", mean=2.2, min=1)

    synonyms: ClassVar[tuple[str, ...]] = ("geom",)
    left_out: ClassVar[Mapping[str, str]] = {
        "p prob": "'mean' is 1 / p with \"min\": 1, and 1 / p - 1 without it",
    }
    type: Literal["geometric"] = "geometric"
    mean: float = Field(ge=0, le=1e9, description="mean number of children")
    min: int = Field(default=0, ge=0, le=10**6, description="smallest number")

    @property
    def size(self) -> float:
        return self.mean

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.mean < self.min:
            yield scope.problem("range", f"mean {self.mean:g} is below min {self.min}", "raise the mean", "mean")
        if self.max is not None and self.max < self.min:
            yield scope.problem("range", f"max {self.max} is below min {self.min}", "swap them", "max")

    def limits(self, *, multiplied: bool) -> tuple[int, int | None]:
        return self.min, self.max

    def uncapped(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        mean = self.mean if factor is None else np.maximum(self.mean * factor, self.min)
        return geometric(stream.words(ids), mean, self.min)
