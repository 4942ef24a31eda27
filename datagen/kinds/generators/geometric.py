"""Counts from a geometric distribution."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.kinds.generators.support.discrete import Counts, DiscreteGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.random import count_distributions

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Geometric(DiscreteGenerator):
    """Counts of which small ones are the most frequent, each `1 - 1 / (mean - first + 1)` as frequent as the one
    before.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(attempts={"type": "geometric", "mean": 1.8, "first": 1}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("geom", "geometric_distribution")
    left_out: ClassVar[Mapping[str, str]] = {
        "p prob": '\'mean\' is 1 / p with "first": 1, and 1 / p - 1 with "first": 0',
        "loc": "first",
    }
    type: Literal["geometric"] = "geometric"
    mean: float = Field(gt=0, le=1e12, description="the mean, above `first`")
    first: int = Field(default=0, ge=0, le=10**9, description="the smallest count, which is the most frequent")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if self.mean <= self.first:
            yield scope.problem("range", f"the mean {self.mean:g} is not above {self.first}", "raise it", "mean")

    def counts(self) -> Counts:
        return lambda words: count_distributions.geometric(words, self.mean, self.first)
