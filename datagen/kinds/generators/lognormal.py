"""Numbers from a lognormal distribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Positive, number
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable
from datagen.random.math import elementary

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Lognormal(DistributionGenerator):
    """Positive numbers (or durations) with a long tail, given by the median or the mean.

    `sigma` is the standard deviation of the logarithm; the mean is median x exp(sigma^2 / 2).
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            amount={"type": "lognormal", "median": 25, "sigma": 0.8, "decimals": 2},
            visit={"type": "lognormal", "mean": "12min", "sigma": 1},
        ),
    )
    amounts: ClassVar[tuple[str, ...]] = ("median", "mean")

    synonyms: ClassVar[tuple[str, ...]] = (
        "log_normal", "lognorm", "price", "amount", "money", "salary", "income", "pricetag",
    )  # fmt: skip
    left_out: ClassVar[Mapping[str, str]] = {
        "mu meanlog mean_log": "'median' is exp(mu), where mu is the mean of the logarithm",
        "scale": "median",
        "s sdlog sd_log": "sigma",
        "sd std stddev stdev": "'sigma' is the standard deviation of the logarithm: sqrt(ln(1 + (sd / mean)^2))",
        "loc": "it begins at 0; an expression adds a shift",
    }
    type: Literal["lognormal"] = "lognormal"
    median: Positive | None = Field(default=None, description="the median")
    mean: Positive | None = Field(default=None, description="the mean, instead of the median")
    sigma: float = Field(gt=0, le=6, description="standard deviation of the logarithm")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if (self.median is None) == (self.mean is None):
            found = "neither" if self.mean is None else "both"
            yield scope.problem("missing", f"needs either a median or a mean, has {found}", "keep one")

    def distribution(self) -> InverseCdfTable:
        if self.median is not None:
            return distributions.lognormal(number(self.median), self.sigma)
        if self.mean is None:
            raise ValueError("needs either a median or a mean")
        return distributions.lognormal(number(self.mean) / elementary.exp(self.sigma * self.sigma / 2.0), self.sigma)
