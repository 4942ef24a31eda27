"""Numbers whose logarithm is equally likely everywhere between two bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats, Words
from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Positive, number
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class LogUniform(DistributionGenerator):
    """Numbers (or durations) from `min` to `max` whose logarithm is uniform.

    Over whole decades (1 to 10, 1 to 10000) the first digits follow Benford's law, as those of amounts in ledgers do.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(amount={"type": "log_uniform", "min": 1, "max": 10000, "decimals": 2}),
    )
    tilts: ClassVar[bool] = True

    synonyms: ClassVar[tuple[str, ...]] = ("benford", "loguniform", "reciprocal", "log_scale", "leading_digits")
    left_out: ClassVar[Mapping[str, str]] = {
        "a low loc": "min",
        "b high": "max",
    }
    type: Literal["log_uniform"] = "log_uniform"
    min: Positive = Field(description="the lower bound, above 0")
    max: Positive = Field(description="the upper bound")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if number(self.min) == number(self.max):
            yield scope.problem("range", "min and max are the same", "use 'constant'", "max")

    def distribution(self) -> InverseCdfTable:
        return distributions.log_uniform(number(self.min), number(self.max))

    def at_words(self, scope: Scope) -> Callable[[Words], Floats]:
        return self.distribution().at
