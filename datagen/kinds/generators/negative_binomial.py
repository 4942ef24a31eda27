"""Counts from a negative binomial distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.discrete import Counts, DiscreteGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.random.count_distributions import negative_binomial_table


class NegativeBinomial(DiscreteGenerator):
    """Counts that vary more than a Poisson distribution: variance mean + dispersion x mean^2, as of a Poisson
    distribution with a gamma mean.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(claims={"type": "negative_binomial", "mean": 0.8, "dispersion": 1.5}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("nbinom", "neg_binomial", "negbin", "gamma_poisson", "polya")
    left_out: ClassVar[Mapping[str, str]] = {
        "n r k size": "'dispersion' is 1 / n, and 'mean' is n (1 - p) / p",
        "p prob": "'mean' is n (1 - p) / p",
        "alpha": "dispersion",
    }
    type: Literal["negative_binomial"] = "negative_binomial"
    mean: float = Field(gt=0, le=10_000, description="the mean")
    dispersion: float = Field(ge=1e-3, le=100, description="(variance - mean) / mean^2")

    def counts(self) -> Counts:
        return negative_binomial_table(self.mean, self.dispersion).at
