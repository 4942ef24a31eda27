"""The base class of arrival curves: a relative rate per hour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.registry import Kind

Span = tuple[int, int]
"""A half-open interval of instants, in microseconds."""

if TYPE_CHECKING:
    from datagen.columnar.block import Floats
    from datagen.errors import Problem
    from datagen.scope import Scope


class Curve(Kind, family="arrival_curves"):
    """The relative rate at which entities arrive over time."""

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """Problems of this declaration beyond its shape."""
        yield from ()

    def density(self, hours: Floats, start: float) -> Floats:
        """The relative rate of arrival at each of `hours` (since 1970, shape (n,)), at least 0.

        `start` is the hour of the window's start, where growth curves are 1.
        """
        raise TypeError(f"curve '{self.type}' has no density")

    def parts(self, span: Span) -> tuple[tuple[Span, float], ...]:
        """Intervals of a span, each with its exact share of the arrivals in the span."""
        return ((span, 1.0),)
