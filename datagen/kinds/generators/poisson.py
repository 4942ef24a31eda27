"""Counts from a Poisson distribution."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.discrete import Counts, DiscreteGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.random import count_distributions


class Poisson(DiscreteGenerator):
    """Counts of independent events: visits, defects, goals. Mean and variance are the same."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (table_of(goals={"type": "poisson", "mean": 1.4}),)

    synonyms: ClassVar[tuple[str, ...]] = ("poisson_distribution", "event_count")
    left_out: ClassVar[Mapping[str, str]] = {
        "lam lambda mu rate": "mean",
        "loc": "it begins at 0; an expression adds a shift",
    }
    type: Literal["poisson"] = "poisson"
    mean: float = Field(gt=0, le=1e9, description="the mean")

    def counts(self) -> Counts:
        return lambda words: count_distributions.poisson(words, self.mean)
