"""The Zipf-Mandelbrot distribution: few members of the domain are chosen often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.choosers.base import Chooser, Draw, sales
from datagen.random.math.elementary import power
from datagen.random.zipf import Zipf as Distribution


class Zipf(Chooser):
    """Zipf-Mandelbrot: the k-th most popular row is chosen in proportion to 1 / (k + shift) ** exponent.

    Ranks are drawn once and stay; with `order` "key" the first rows are the most popular. Among rows of a common
    ancestor, ranks are those within that ancestor. Source: Mandelbrot (1953).
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (sales({"type": "zipf", "exponent": 1.1}),)

    left_out: ClassVar[Mapping[str, str]] = {
        "a s alpha": "exponent",
    }
    type: Literal["zipf"] = "zipf"
    exponent: float = Field(default=1.0, gt=0, le=10, description="the exponent; 1 is Zipf's law")
    shift: float = Field(default=0.0, ge=0, le=1e9, description="the shift, which flattens the head")
    order: Literal["random", "key"] = Field(default="random", description="which rows are popular")

    @property
    def by_key(self) -> bool:
        return self.order == "key"

    @property
    def zipf(self) -> tuple[float, float]:
        return self.exponent, self.shift

    def weights(self, ranks: Floats) -> Floats:
        return power((1.0 + self.shift) / (ranks + self.shift), self.exponent)

    def ranks(self, size: int) -> Draw:
        return Distribution.of(size, self.exponent, self.shift).ranks
