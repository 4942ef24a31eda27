"""The base class of arrival curves: a relative rate per hour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from datagen.registry import Kind

Span = tuple[int, int]
"""From an instant to another, both in microseconds; the second is not part of it."""

if TYPE_CHECKING:
    from datagen.columnar.block import Floats
    from datagen.errors import Problem
    from datagen.scope import Scope


class Curve(Kind, family="arrival_curves"):
    """The shape by which entities arrive."""

    def problems(self, scope: Scope) -> Iterator[Problem]:
        """What is wrong with this declaration beyond its shape."""
        yield from ()

    def density(self, hours: Floats, start: float) -> Floats:
        """The relative rate of arrival at each of `hours` (since 1970, shape (n,)), at least 0.

        `start` is the hour in which the window begins; growth curves are 1 there.
        """
        raise TypeError(f"curve '{self.type}' has no density")

    def parts(self, span: Span) -> tuple[tuple[Span, float], ...]:
        """Stretches of a span, each with its weight: its share of the arrivals in the span is met exactly."""
        return ((span, 1.0),)
