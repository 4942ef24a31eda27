"""A column of independent draws from one distribution of whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Ints, Rows, Words
from datagen.kinds.generators.base import Decimals, Draw, Numeric

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

Counts = Callable[[Words], Ints]
"""From random words, uint64 (n,), to whole numbers, int64 (n,): a larger word never gives a smaller one."""


class DiscreteGenerator(Numeric):
    """Whole numbers by inversion, one random word per cell. Multiplied ones are rounded at random, so that the mean is
    kept.
    """

    discrete: ClassVar[bool] = True

    decimals: Decimals | None = Field(default=0, description="whole numbers have none")
    min: float | None = Field(default=None, description="smallest value, applied last")
    max: float | None = Field(default=None, description="largest value, applied last")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        if self.decimals != 0:
            yield scope.problem("no-effect", "whole numbers have no decimals", "leave 'decimals' out", "decimals")
        else:
            yield from super().problems(scope)

    def counts(self) -> Counts:
        """The inverse CDF."""
        raise TypeError(f"generator '{self.type}' has no counts")

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        return ()

    def ends(self, chance: float) -> tuple[float, float]:
        word = int(chance * 2.0**64)
        low, high = self.counts()(np.array([word, 2**64 - 1 - word], np.uint64)).tolist()
        return float(low), float(high)

    def at_words(self, scope: Scope) -> Callable[[Words], Floats]:
        counts = self.counts()
        return lambda words: counts(words).astype(np.float64)

    def draw(self, scope: Scope) -> Draw:
        at, stream = self.at_words(scope), scope.stream()
        return lambda rows: at(stream.words(rows.ids))

    def _multiplied(self, scope: Scope, draw: Draw, effect: Draw) -> Draw:
        moved, lot = super()._multiplied(scope, draw, effect), scope.stream("rounding")

        def rounded(rows: Rows) -> Floats:
            numbers = moved(rows)
            numbers += lot.uniforms(rows.ids)
            return np.floor(numbers)

        return rounded
