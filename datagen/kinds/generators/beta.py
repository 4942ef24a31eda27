"""Numbers from a beta distribution, between two bounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats, Words
from datagen.kinds.generators.base import Draw, Numeric
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Amount, number
from datagen.random import distributions

if TYPE_CHECKING:
    from datagen.scope import Scope, StaticContext


class Beta(Numeric):
    """Numbers (or durations) between `min` and `max`, with mean min + (max - min) x a / (a + b)."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(score={"type": "beta", "a": 5, "b": 2, "max": 100, "decimals": 0}),
    )

    synonyms: ClassVar[tuple[str, ...]] = ("beta_distribution",)
    tilts: ClassVar[bool] = True

    left_out: ClassVar[Mapping[str, str]] = {
        "alpha p": "a",
        "beta q": "b",
        "loc": "min",
        "scale": "'max' is loc + scale",
        "mean": "the mean is min + (max - min) * a / (a + b)",
    }
    type: Literal["beta"] = "beta"
    a: float = Field(ge=0.05, le=1e5, description="the larger, the nearer to `max`")
    b: float = Field(ge=0.05, le=1e5, description="the larger, the nearer to `min`")
    min: Amount = Field(default=0.0, description="the lower bound")
    max: Amount = Field(default=1.0, description="the upper bound")

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        return ()

    def draw(self, scope: Scope) -> Draw:
        at, stream = self.at_words(scope), scope.stream()
        return lambda rows: at(stream.words(rows.ids))

    def at_words(self, scope: Scope) -> Callable[[Words], Floats]:
        distribution, low = distributions.beta(self.a, self.b), number(self.min)
        span = number(self.max) - low

        def at(words: Words) -> Floats:
            numbers = distribution.at(words)
            numbers *= span
            numbers += low
            return numbers

        return at
