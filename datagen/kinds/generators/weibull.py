"""Numbers from a Weibull distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Positive, number
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable


class Weibull(DistributionGenerator):
    """Positive numbers (or durations); S(t) = exp(-(t / scale)^shape), with a shape below 1 for a falling hazard, above
    1 for a rising one.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(lifetime={"type": "weibull", "scale": "400d", "shape": 1.6}),
    )
    amounts: ClassVar[tuple[str, ...]] = ("scale",)

    synonyms: ClassVar[tuple[str, ...]] = (
        "weibull_distribution",
        "rayleigh",
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "a c k": "shape",
        "lam lambda": "scale",
        "loc": "it begins at 0; an expression adds a shift",
    }
    type: Literal["weibull"] = "weibull"
    scale: Positive = Field(description="the scale: 63 % of the values are below it")
    shape: float = Field(ge=0.1, le=100, description="1 is exponential")

    def distribution(self) -> InverseCdfTable:
        return distributions.weibull(self.shape, number(self.scale))
