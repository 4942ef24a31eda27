"""Negative binomial numbers of children."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats, Ints, Words
from datagen.kinds.count_distributions.base import CappedCount, baskets
from datagen.random.count_distributions import negative_binomial
from datagen.random.streams import Stream


class NegativeBinomial(CappedCount):
    """Poisson with a gamma-distributed mean: variance = mean + dispersion x mean squared."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = baskets(type="negative_binomial", mean=4, dispersion=0.8)

    synonyms: ClassVar[tuple[str, ...]] = (
        "nbinom",
        "negbin",
        "gamma_poisson",
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "n r k size": "'dispersion' is 1 / n, and 'mean' is n (1 - p) / p",
        "p prob": "'mean' is n (1 - p) / p",
        "alpha": "dispersion",
    }
    type: Literal["negative_binomial"] = "negative_binomial"
    mean: float = Field(ge=0, le=1e9, description="mean number of children")
    dispersion: float = Field(ge=1e-6, le=100, description="1 / shape of the gamma")

    @property
    def size(self) -> float:
        return self.mean

    def uncapped(self, stream: Stream, ids: Words, factor: Floats | None) -> Ints:
        mean = self.mean if factor is None else self.mean * factor
        return negative_binomial(stream.words(ids), stream.substream(1).words(ids), mean, self.dispersion)
