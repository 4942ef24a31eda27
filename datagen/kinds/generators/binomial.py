"""Counts from a binomial distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.discrete import Counts, DiscreteGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.random.count_distributions import binomial_table

if TYPE_CHECKING:
    pass


class Binomial(DiscreteGenerator):
    """How many of `trials` succeed, each with the same chance: correct answers, mails that were opened.

    Multiplied numbers are never more than `trials`.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(correct={"type": "binomial", "trials": 20, "share": 0.7}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("binom", "binomial_distribution", "successes")
    left_out: ClassVar[Mapping[str, str]] = {
        "n size": "trials",
        "p prob": "share",
    }
    tilts: ClassVar[bool] = True

    type: Literal["binomial"] = "binomial"
    trials: int = Field(ge=1, le=1_000_000, description="how many trials")
    share: float = Field(gt=0, lt=1, description="the chance of each trial to succeed")

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, float(self.trials)

    def counts(self) -> Counts:
        return binomial_table(self.trials, self.share).at
