"""Numbers from an exponential distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Positive, number
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable


class Exponential(DistributionGenerator):
    """Positive numbers (or durations) with an exponential distribution."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(wait={"type": "exponential", "mean": "8min"}),)
    amounts: ClassVar[tuple[str, ...]] = ("mean",)

    synonyms: ClassVar[tuple[str, ...]] = (
        "expon",
        "exp",
        "exponential_distribution",
        "expovariate",
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "scale beta": "mean",
        "rate lambda lam lambd": "'mean' is 1 / rate",
        "loc": "it begins at 0; an expression adds a shift",
    }
    type: Literal["exponential"] = "exponential"
    mean: Positive = Field(description="the mean")

    def distribution(self) -> InverseCdfTable:
        return distributions.exponential(number(self.mean))
