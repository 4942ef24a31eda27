"""Numbers from a measured distribution: its quantiles, or a histogram."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats, Words
from datagen.kinds.generators.base import Draw, Numeric
from datagen.kinds.generators.support.examples import table_of

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

MOST = 10_000


class Empirical(Numeric):
    """Numbers from a measured distribution: `quantiles` at equal steps of probability from 0 to 1, or `edges` of bins
    with `counts`.

    Between two quantiles, and within a bin, numbers are uniform. Two equal quantiles give their value that share.
    Multiplied numbers stay between the first and the last quantile or edge.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        table_of(
            age={"type": "empirical", "edges": [18, 25, 35, 50, 65, 90], "counts": [12, 25, 31, 21, 11], "decimals": 0},
            income={"type": "empirical", "quantiles": [9000, 21000, 30000, 44000, 250000]},
        ),
    )
    tilts: ClassVar[bool] = True

    synonyms: ClassVar[tuple[str, ...]] = (
        "histogram",
        "quantiles",
        "ecdf",
        "custom_distribution",
        "bins",
        "kde",
        "weighted_range",
    )
    type: Literal["empirical"] = "empirical"
    quantiles: tuple[float, ...] = Field(
        default=(), max_length=MOST, description="the quantiles at 0 %, ... 100 %, in equal steps"
    )
    edges: tuple[float, ...] = Field(default=(), max_length=MOST, description="the bounds of the bins, ascending")
    counts: tuple[float, ...] = Field(default=(), max_length=MOST, description="the count of each bin")
    min: float | None = Field(default=None, description="smallest value, applied last")
    max: float | None = Field(default=None, description="largest value, applied last")

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        key, values = ("quantiles", self.quantiles) if self.quantiles else ("edges", self.edges)
        if bool(self.quantiles) == bool(self.edges):
            yield scope.problem("missing", "needs either 'quantiles', or 'edges' and 'counts'", "keep one")
        elif len(values) < 2:
            yield scope.problem("range", f"a distribution needs at least two {key}", "write more", key)
        elif any(after < before for before, after in pairwise(values)):
            yield scope.problem("invalid-order", f"'{key}' are not in ascending order", "sort them", key)
        elif self.edges and len(self.counts) != len(self.edges) - 1:
            message = (
                f"{len(self.edges)} edges bound {len(self.edges) - 1} bins, but there are {len(self.counts)} counts"
            )
            yield scope.problem("invalid-value", message, "write a count for each bin", "counts")
        elif self.edges and (min(self.counts) < 0 or not math.fsum(self.counts) > 0):
            yield scope.problem("range", "counts are 0 or more, and not all 0", "correct them", "counts")

    def inversion(self, scope: StaticContext) -> tuple[str, ...] | str:
        return ()

    def _knots(self) -> tuple[Floats, Floats]:
        """Probabilities, from 0 to 1, and their quantiles."""
        if self.quantiles:
            return np.arange(len(self.quantiles)) / (len(self.quantiles) - 1), np.array(self.quantiles)
        below = np.concatenate(([0.0], np.cumsum(np.array(self.counts))))
        return below / below[-1], np.array(self.edges)

    @property
    def support(self) -> tuple[float, float]:
        return self.ends(0.0)

    def ends(self, chance: float) -> tuple[float, float]:
        values = self.quantiles or self.edges or (0.0,)
        return values[0], values[-1]

    def draw(self, scope: Scope) -> Draw:
        at, stream = self.at_words(scope), scope.stream()
        return lambda rows: at(stream.words(rows.ids))

    def at_words(self, scope: Scope) -> Callable[[Words], Floats]:
        shares, values = self._knots()
        wide = np.flatnonzero(np.diff(shares) > 0)  # bins that nothing was counted in have no numbers
        starts, widths, rises = shares[wide], np.diff(shares)[wide], np.diff(values)[wide]

        def at(words: Words) -> Floats:
            uniforms = (words >> np.uint64(11)).astype(np.float64) * 2.0**-53
            bins = np.searchsorted(starts, uniforms, side="right") - 1
            found: Floats = values[wide][bins] + rises[bins] * ((uniforms - starts[bins]) / widths[bins])
            return found

        return at
