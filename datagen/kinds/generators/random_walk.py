"""Random walks along the rows of a parent: prices, balances, positions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Block, Floats, Ints, Rows
from datagen.declarations.constraints import RangeDeclaration
from datagen.declarations.values import WalkStepsDeclaration
from datagen.kinds.generators.support import numeric_range
from datagen.kinds.generators.support.column_lookup import need, type_problems
from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.recursion import SequenceGenerator, along
from datagen.random import distributions
from datagen.random.math.elementary import exp
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope

_ROUNDED = 0.02
"""The largest rounding, in standard deviations of a step, with which steps are measured."""
_EXACT = 2.0**-52
_LARGEST = 1e300
"""The largest number, where no bound is given."""
_ROWS = 10_000
"""The number of rows of one parent for which the size of cells is estimated."""


class RandomWalk(SequenceGenerator):
    """Each row is that before it below the same parent, plus a normal step; the first is `start`.

    With `relative` steps are of the logarithm: 0.02 is about 2 % up or down (a geometric random walk). `min` and `max`
    hold at each step; without them numbers stay within 1e300.
    """

    alone: ClassVar[bool] = False
    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            orders={
                "price": {"type": "random_walk", "start": 100, "sd": 0.02, "relative": True, "decimals": 2},
                "balance": {"type": "random_walk", "start": 500, "drift": 10, "sd": 80, "min": 0, "decimals": 2},
            }
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "brownian",
        "brownian_motion",
        "wiener",
        "gbm",
        "geometric_brownian_motion",
        "walk",
    )
    left_out: ClassVar[Mapping[str, str]] = {
        "mu": "drift",
        "sigma volatility step": "sd",
        "initial": "start",
    }
    type: Literal["random_walk"] = "random_walk"
    start: float | str = Field(default=0.0, description="the first number, or a column of this table or of one above")
    drift: float = Field(default=0.0, ge=-1e12, le=1e12, description="the mean of a step")
    sd: float = Field(gt=0, le=1e12, description="the standard deviation of a step")
    relative: bool = Field(default=False, description="steps change the logarithm, not the number")
    min: float | None = Field(default=None, description="the smallest number, at each step")
    max: float | None = Field(default=None, description="the largest number, at each step")

    @property
    def accumulates(self) -> bool:
        return self.min is None or self.max is None

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return frozenset({need(scope, self.start)} if isinstance(self.start, str) else ())

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from super().problems(scope)
        if isinstance(self.start, str):
            yield from type_problems(scope, self.start, ("int", "decimal", "float"), "start")
            if scope.nullable(self.start):
                yield scope.problem("nullable", f"'{self.start}' can be missing", "name another column", "start")
        elif self.relative and self.start <= 0:
            yield scope.problem("range", "a relative walk starts above 0", "raise 'start'", "start")
        elif self.decimals is not None and abs(self.start) * 10.0**self.decimals > numeric_range.LARGEST:
            message = f"the walk starts at {self.start:.3g}, beyond the 9e18 smallest steps that a cell holds"
            yield scope.problem("range", message, "lower 'start', or use fewer decimals", "start")

    def ends(self, chance: float) -> tuple[float, float]:
        """Of the first 10,000 rows of a parent, where `start` is a number; a column's numbers count as 1."""
        start = self.start if not isinstance(self.start, str) else 1.0
        return self._ends((start, start), _ROWS)

    def ends_of(self, scope: Scope) -> tuple[float, float]:
        """Of as many rows as a parent may have, else of the first 10,000."""
        rows = scope.rows_below(scope.table.name) or _ROWS
        if not isinstance(self.start, str):
            return self._ends((self.start, self.start), rows)
        found, type_ = scope.extent(self.start), scope.type_of(self.start)
        if found is None or type_ is None:
            return self._ends((1.0, 1.0), rows)
        return self._ends((found[0] / 10**type_.scale, found[1] / 10**type_.scale), rows)

    def _ends(self, start: tuple[float, float], rows: int) -> tuple[float, float]:
        reach = 8.0 * self.sd * rows**0.5 + abs(self.drift) * rows
        return (0.0, start[1] * exp(min(reach, 600.0))) if self.relative else (start[0] - reach, start[1] + reach)

    def size(self, chance: float, grown: float = 1.0) -> float:
        return 0.0  # overflow is reported when it occurs

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        type_ = self.result(scope)
        if type_ is not None and self.intact and not (self.min is None and self.max is None):
            low, high = self.limits(type_)
            yield RangeDeclaration(
                scope.table.name, scope.column, low=low, high=high, range=f"{self.min} to {self.max}"
            )
        if self.intact and scope.column is not None and self._shows_steps and scope.effect() is None:
            unit = 0.0 if self.decimals is None else 10.0**-self.decimals
            yield WalkStepsDeclaration(scope.table.name, scope.column, self.drift, self.sd, self.relative, unit)

    @property
    def _shows_steps(self) -> bool:
        """Whether the differences of cells are the steps: there are no bounds, and rounding is far below a step, as is
        that of floats.
        """
        if self.min is not None or self.max is not None:
            return False
        if not self.relative and not isinstance(self.start, str) and abs(self.start) * _EXACT > _ROUNDED * self.sd:
            return False
        if self.decimals is None:
            return True
        level = self.start if self.relative and not isinstance(self.start, str) else 1.0
        known = not (self.relative and isinstance(self.start, str))
        return known and 10.0**-self.decimals < _ROUNDED * self.sd * level

    def whole(self, scope: Scope) -> Callable[[Block], Floats]:
        distribution, stream = distributions.normal(self.drift, self.sd), scope.stream()

        low, high = -_LARGEST if self.min is None else self.min, _LARGEST if self.max is None else self.max

        def kept(numbers: Floats) -> Floats:
            return numeric_range.clipped(numbers, low, high)

        def whole(block: Block) -> Floats:
            steps = distribution.sample(stream, block.ids)

            def first(at: Ints) -> Floats:
                if isinstance(self.start, str):
                    return kept(Rows(block, at).column(self.start).as_floats())
                return kept(np.full(len(at), float(self.start)))

            with np.errstate(over="ignore"):
                if self.relative:
                    return along(block, first, lambda before, at: kept(before * exp(steps[at])))
                return along(block, first, lambda before, at: kept(before + steps[at]))

        return whole
