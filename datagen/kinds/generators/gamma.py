"""Numbers from a gamma distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Positive, number
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable


class Gamma(DistributionGenerator):
    """Positive numbers (or durations). The variance is mean^2 / shape, so a larger shape is narrower."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(rainfall_mm={"type": "gamma", "mean": 4.5, "shape": 0.7, "decimals": 1}),
    )
    amounts: ClassVar[tuple[str, ...]] = ("mean",)

    synonyms: ClassVar[tuple[str, ...]] = (
        "gamma_distribution",
        "erlang",
        "chi_square",
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "a k": "shape",
        "scale theta": "'mean' is shape * scale",
        "alpha": "shape",
        "rate beta lambda": "'mean' is shape / rate",
        "loc": "it begins at 0; an expression adds a shift",
    }
    type: Literal["gamma"] = "gamma"
    mean: Positive = Field(description="the mean")
    shape: float = Field(ge=0.01, le=1e6, description="1 is exponential, below 1 has more variation, above 1 less")

    def distribution(self) -> InverseCdfTable:
        return distributions.gamma(self.shape, number(self.mean))
