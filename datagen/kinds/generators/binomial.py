"""Counts from a binomial law."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import INT, Floats, Type, Words
from datagen.kinds.generators.support.discrete import Counts, DiscreteGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.random.count_distributions import binomial_table

if TYPE_CHECKING:
    from datagen.scope import Scope


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
    def ends_of_range(self) -> tuple[float, float]:
        least, most = (None if bound is None else float(bound) for bound in (self.min, self.max))
        return 0.0 if least is None else least, float(self.trials) if most is None else most

    def limits(self, type_: Type) -> tuple[float | None, float | None]:
        low, high = self.ends_of_range
        return math.ceil(low), math.floor(high)

    def counts(self) -> Counts:
        at, (low, high) = binomial_table(self.trials, self.share).at, self.limits(INT)
        return lambda words: np.clip(at(words), low, high)

    def at_words(self, scope: Scope) -> Callable[[Words], Floats]:
        counts = self.counts()
        return lambda words: counts(words).astype(np.float64)
