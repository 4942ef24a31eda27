"""One of a few values whose shares change over the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import CATEGORY, Column, Floats, Rows, Type
from datagen.columnar.text import text_array
from datagen.declarations.values import DriftingSharesDeclaration
from datagen.kinds.generators.base import Fill, Generator
from datagen.kinds.generators.support.examples import shop
from datagen.kinds.generators.support.row_moment import moment_needs, moment_of, moment_problems
from datagen.scope import ColumnRef

if TYPE_CHECKING:
    from datagen.declarations.base import Declaration
    from datagen.errors import Problem
    from datagen.scope import Scope, StaticContext

Weights = Annotated[dict[str, Annotated[float, Field(ge=0, le=1e15)]], Field(min_length=1, max_length=1000)]


_MOST_MEASURED = 20
"""Shares of more values are not measured one by one."""


class DriftingChoice(Generator):
    """One of a few texts; shares go in a straight line from `start` at the window's start to `end` at its end: the mix
    of channels.

    A value that only one of both names has no share in the other. The time is that of the row, or of the column `at`.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        shop(
            orders={
                "channel": {
                    "type": "drifting_choice",
                    "start": {"store": 8, "web": 2},
                    "end": {"store": 3, "web": 6, "app": 1},
                }
            }
        ),
    )

    synonyms: ClassVar[tuple[str, ...]] = (
        "mix_shift",
        "drift",
        "shifting_mix",
        "changing_choice",
        "time_varying_choice",
    )
    type: Literal["drifting_choice"] = "drifting_choice"
    start: Weights = Field(description="values with weights at the window's start")
    end: Weights = Field(description="values with weights at the window's end")
    at: str | None = Field(default=None, description="a timestamp column, instead of the time of the row")

    @property
    def _values(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys([*self.start, *self.end]))

    def needs(self, scope: Scope) -> frozenset[ColumnRef]:
        return moment_needs(scope, self.at)

    def result(self, scope: Scope) -> Type | None:
        return CATEGORY

    def domain(self, context: StaticContext) -> tuple[str, ...] | None:
        return self._values

    def problems(self, scope: Scope) -> Iterator[Problem]:
        yield from moment_problems(scope, self.at, "at")
        if scope.window is None:
            yield scope.problem(
                "no-window", "shares change over the window, and there is none", "give the document a 'window'"
            )
        for key, weights in (("start", self.start), ("end", self.end)):
            if not any(weights.values()):
                yield scope.problem("range", "all weights are 0", "give at least one value a weight above 0", key)

    def declarations(self, scope: Scope) -> Iterable[Declaration]:
        if not self.intact or scope.window is None or scope.column is None or len(self._values) > _MOST_MEASURED:
            return
        sums = sum(self.start.values()), sum(self.end.values())
        shares = {
            value: (self.start.get(value, 0.0) / sums[0], self.end.get(value, 0.0) / sums[1]) for value in self._values
        }
        yield DriftingSharesDeclaration(scope.table.name, scope.column, shares, self._place(scope))

    def _place(self, scope: Scope) -> Callable[[Rows], Floats]:
        """How much of the window is over at the time of each row, from 0 to 1."""
        assert scope.window is not None
        first, last = scope.window.start, scope.window.end
        return lambda rows: np.clip((moment_of(rows, self.at) - first) / float(last - first), 0.0, 1.0)

    def bind(self, scope: Scope) -> Fill:
        assert scope.window is not None
        values, stream, place = self._values, scope.stream(), self._place(scope)
        begin, end = (_below(weights, values) for weights in (self.start, self.end))
        words = text_array(list(values))

        def fill(rows: Rows) -> Column:
            share = place(rows)
            uniforms, codes = stream.uniforms(rows.ids), np.zeros(len(rows), np.int32)
            for low, high in zip(begin, end, strict=True):
                codes += uniforms >= low + share * (high - low)
            return Column(CATEGORY, codes, dictionary=words)

        return fill


def _below(weights: dict[str, float], values: tuple[str, ...]) -> list[float]:
    """For each value but the last, the share of it and of those before it."""
    sums = np.cumsum(np.array([weights.get(value, 0.0) for value in values]))
    return [float(one) for one in sums[:-1] / sums[-1]]
