"""Ranks from a Zipf-Mandelbrot distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.discrete import Counts, DiscreteGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.random import zipf


class Zipf(DiscreteGenerator):
    """Whole numbers from 1 to `items`: k in proportion to 1 / (k + shift)^exponent. A head of few, a long tail.

    Multiplied numbers are never more than `items`.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(word_rank={"type": "zipf", "items": 10000, "exponent": 1.1}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("zipfian", "zeta", "zipf_mandelbrot", "rank")
    left_out: ClassVar[Mapping[str, str]] = {
        "a s alpha": "exponent",
        "n size": "items",
    }
    tilts: ClassVar[bool] = True

    type: Literal["zipf"] = "zipf"
    items: int = Field(ge=1, le=1 << 50, description="the largest number")
    exponent: float = Field(default=1.0, ge=0, le=100, description="the exponent")
    shift: float = Field(default=0.0, ge=0, le=1e9, description="the shift, which flattens the head")

    @property
    def support(self) -> tuple[float, float]:
        return 1.0, float(self.items)

    def counts(self) -> Counts:
        distribution = zipf.Zipf.of(self.items, self.exponent, self.shift)
        return lambda words: distribution.ranks(words) + 1
