"""Numbers from a normal law."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.generators.amounts import Amount, Positive, number
from datagen.generators.law import Law
from datagen.generators.samples import table_of
from datagen.sampling import laws
from datagen.sampling.quantiles import Quantiles


class Normal(Law):
    """Numbers (or durations) that scatter symmetrically around a mean."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(height_cm={"type": "normal", "mean": 172, "sd": 9, "decimals": 1, "min": 120, "max": 220}),
    )
    amounts: ClassVar[tuple[str, ...]] = ("mean", "sd")

    type: Literal["normal"] = "normal"
    mean: Amount = Field(description="the mean, before `min` and `max` cut")
    sd: Positive = Field(description="the standard deviation")

    def law(self) -> Quantiles:
        return laws.normal(number(self.mean), number(self.sd))
