"""Numbers from a Pareto distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Positive, number
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable


class Pareto(DistributionGenerator):
    """Numbers (or durations) above a minimum. A share of (minimum / x)^alpha exceeds x."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(followers={"type": "pareto", "minimum": 3, "alpha": 1.3, "decimals": 0, "max": 10_000_000}),
    )
    amounts: ClassVar[tuple[str, ...]] = ("minimum",)

    synonyms: ClassVar[tuple[str, ...]] = ("power_law", "powerlaw")
    left_out: ClassVar[Mapping[str, str]] = {
        "a b shape": "alpha",
        "scale xm x_m m min_value": "minimum",
        "loc": "it begins at 'minimum'; an expression adds a shift",
    }
    type: Literal["pareto"] = "pareto"
    minimum: Positive = Field(description="the smallest value")
    alpha: float = Field(
        ge=0.2, le=1000, description="the tail exponent; up to 1 the mean is infinite, up to 2 the variance"
    )

    def distribution(self) -> InverseCdfTable:
        return distributions.pareto(number(self.minimum), self.alpha)
