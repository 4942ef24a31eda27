"""Numbers from a triangular distribution: estimates between a least, a most likely and a greatest value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from datagen.columnar.block import Floats, Words
from datagen.kinds.generators.support.distribution import DistributionGenerator
from datagen.kinds.generators.support.examples import table_of
from datagen.kinds.generators.support.numeric_fields import Amount, number, spelled_amount
from datagen.random import distributions
from datagen.random.inverse_cdf import InverseCdfTable

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class Triangular(DistributionGenerator):
    """Numbers (or durations) between `min` and `max`, most often near `mode`."""

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            effort_days={"type": "triangular", "min": 2, "mode": 5, "max": 20, "decimals": 1},
            ride={"type": "triangular", "min": "3min", "mode": "10min", "max": "45min"},
        ),
    )
    amounts: ClassVar[tuple[str, ...]] = ("mode",)
    tilts: ClassVar[bool] = True

    synonyms: ClassVar[tuple[str, ...]] = ("triangle", "triang", "pert", "three_point")
    left_out: ClassVar[Mapping[str, str]] = {
        "left loc a": "min",
        "right b": "max",
        "c": "'mode' is loc + c * scale",
        "scale": "'max' is loc + scale",
    }
    type: Literal["triangular"] = "triangular"
    min: Amount = Field(description="the lower bound")
    mode: Amount = Field(description="the most likely value")
    max: Amount = Field(description="the upper bound")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        found = list(super().problems(scope))
        yield from found
        if not found and not number(self.min) <= number(self.mode) <= number(self.max):
            outside = (
                f"mode {spelled_amount(self.mode)} is not between {spelled_amount(self.min)} and "
                f"{spelled_amount(self.max)}"
            )
            yield scope.problem("range", outside, "write it between them", "mode")
        elif not found and number(self.min) == number(self.max):
            yield scope.problem("range", "min and max are the same", "use 'constant'", "max")

    def distribution(self) -> InverseCdfTable:
        return distributions.triangular(number(self.min), number(self.mode), number(self.max))

    def at_words(self, scope: Scope) -> Callable[[Words], Floats]:
        return self.distribution().at
