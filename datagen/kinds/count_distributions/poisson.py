"""Poisson numbers of children."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats, Ints, Words
from datagen.kinds.count_distributions.base import CappedCount, baskets
from datagen.random.count_distributions import poisson
from datagen.random.streams import Stream


class Poisson(CappedCount):
    """Poisson: variance equal to the mean."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = baskets(type="poisson", mean=2.5)

    synonyms: ClassVar[tuple[str, ...]] = ("poisson_distribution",)
    left_out: ClassVar[Mapping[str, str]] = {
        "lam lambda mu rate": "mean",
    }
    type: Literal["poisson"] = "poisson"
    mean: float = Field(ge=0, le=1e9, description="mean number of children")

    @property
    def size(self) -> float:
        return self.mean

    def uncapped(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        return poisson(stream.words(ids), self.mean if factor is None else self.mean * factor)
