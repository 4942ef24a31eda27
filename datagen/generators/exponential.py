"""Numbers from an exponential law: waiting times without memory."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.generators.amounts import Positive, number
from datagen.generators.law import Law
from datagen.generators.samples import table_of
from datagen.sampling import laws
from datagen.sampling.quantiles import Quantiles


class Exponential(Law):
    """Positive numbers (or durations) of which small ones are the most frequent."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(wait={"type": "exponential", "mean": "8min"}),)
    amounts: ClassVar[tuple[str, ...]] = ("mean",)

    type: Literal["exponential"] = "exponential"
    mean: Positive = Field(description="the mean")

    def law(self) -> Quantiles:
        return laws.exponential(number(self.mean))
