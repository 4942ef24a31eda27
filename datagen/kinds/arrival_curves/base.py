"""The base class of arrival curves: a relative rate per hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.columnar.block import Floats
from datagen.random.math.elementary import exp
from datagen.registry import Kind

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope

Span = tuple[int, int]
"""A half-open interval of instants, in microseconds."""
_LIMIT = 600.0  # e**600 is far from overflow even times the number of rows


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


def raised(logarithms: Floats) -> Floats:
    """e to the power of `logarithms`, clipped to stay finite."""
    return exp(np.minimum(logarithms, _LIMIT))


def from_start(log_density: Callable[[Floats], Floats], hours: Floats, start: float, peak: float) -> Floats:
    """The density at `hours` relative to the window's start; `peak` is its greatest logarithm.

    Where the density at the start is almost zero, it is relative to the peak.
    """
    reference = max(float(log_density(np.array([start]))[0]), peak - _LIMIT)
    return raised(log_density(hours) - reference)


def arriving(curve: dict[str, Any]) -> dict[str, Any]:
    """The example document of arrival curves: users who join along this curve over two years."""
    users = {
        "rows": {"type": "arrivals", "count": 200, "curve": curve},
        "columns": {"user_id": {"type": "key"}, "joined_at": {"type": "arrival_time"}},
    }
    return {
        "datagen": 1,
        "name": "signups",
        "window": {"start": "2023-01-01", "end": "2025-01-01"},
        "tables": {"users": users},
    }
