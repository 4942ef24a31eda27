"""Numbers from a normal distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Amount, Positive, number
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable


class Normal(DistributionGenerator):
    """Numbers (or durations) with a normal distribution."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            [{"columns": ["height_cm", "weight_kg"], "rho": 0.6}],
            height_cm={"type": "normal", "mean": 172, "sd": 9, "decimals": 1, "min": 120, "max": 220},
            weight_kg={"type": "lognormal", "median": 72, "sigma": 0.2, "decimals": 1},
        ),
    )
    amounts: ClassVar[tuple[str, ...]] = ("mean", "sd")

    synonyms: ClassVar[tuple[str, ...]] = (
        "gaussian",
        "gauss",
        "normal_distribution",
        "norm",
        "bell",
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "loc mu average": "mean",
        "scale sigma std stdev": "sd",
        "variance var": "'sd' is the square root of the variance",
    }
    type: Literal["normal"] = "normal"
    mean: Amount = Field(description="the mean, before clipping to `min` and `max`")
    sd: Positive = Field(description="the standard deviation")

    def distribution(self) -> InverseCdfTable:
        return distributions.normal(number(self.mean), number(self.sd))
