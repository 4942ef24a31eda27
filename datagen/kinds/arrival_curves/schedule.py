"""Arrivals by a list of dates and numbers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from datagen.columnar.block import Floats
from datagen.kinds.arrival_curves.base import Curve, Span, arriving
from datagen.registry import Strict
from datagen.time_units import HOUR, Instant, format_instant

if TYPE_CHECKING:
    from datagen.errors import Problem
    from datagen.scope import Scope


class SchedulePeriod(Strict):
    """Between `from` and `to`, `count` entities arrive at a constant rate."""

    from_: Instant = Field(alias="from", description="start")
    to: Instant | None = Field(default=None, description="end; the default is the next period's start")
    count: float = Field(ge=0, le=1e13, description="number of arrivals, or their relative share")


class Schedule(Curve):
    """Periods with the number of arrivals in each. Nobody arrives in between.

    The numbers are relative shares of the table's own `count`. If they add up to it, they are the exact numbers.
    """

    examples: ClassVar[tuple[dict[str, Any], ...]] = (
        arriving(
            {
                "type": "schedule",
                "periods": [
                    {"from": "2023-01-01", "count": 50},
                    {"from": "2023-06-01", "count": 120},
                    {"from": "2023-07-01", "to": "2024-06-01", "count": 30},
                ],
            }
        ),
    )

    type: Literal["schedule"] = "schedule"
    periods: Annotated[tuple[SchedulePeriod, ...], Field(min_length=1, max_length=10_000)] = Field(
        description="periods in the order of time, each with its number"
    )

    def _spans(self) -> list[tuple[int, int | None, float]]:
        nexts = [period.from_ for period in self.periods[1:]]
        return [
            (p.from_, p.to if p.to is not None else then, p.count)
            for p, then in zip(self.periods, [*nexts, None], strict=True)
        ]

    def problems(self, scope: Scope) -> Iterator[Problem]:
        spans, last = self._spans(), len(self.periods) - 1
        if spans[last][1] is None:
            yield scope.problem("missing", "the last period needs an end", "write 'to'", "periods", last)
        if not any(count for _, _, count in spans):
            yield scope.problem("range", "every count is 0", "write at least one count above 0", "periods", 0, "count")
        window = scope.window
        for i, (begin, end, _) in enumerate(spans):
            if end is not None and end <= begin:
                message = f"ends ({format_instant(end)}) before its start ({format_instant(begin)})"
                yield scope.problem(
                    "range", message, "sort the periods, and write each 'to' after its 'from'", "periods", i
                )
            if window is not None and begin >= window.end:
                yield scope.problem("no-effect", "is after the window", "choose a time within it", "periods", i, "from")
        yield from self._overlaps(scope)

    def _overlaps(self, scope: Scope) -> Iterator[Problem]:
        for i, (before, after) in enumerate(pairwise(self.periods), start=1):
            if before.to is not None and before.from_ < after.from_ < before.to:
                message = (
                    f"begins ({format_instant(after.from_)}) before the previous one ends ({format_instant(before.to)})"
                )
                yield scope.problem("range", message, "write periods that do not overlap", "periods", i)

    def density(self, hours: Floats, start: float) -> Floats:
        """Arrivals per hour at each of `hours`, the middles of whole hours. An hour gets its share of a period."""
        rates = np.zeros(len(hours))
        for begin, end, count in self._spans():
            if end is not None and end > begin:
                share = np.minimum(hours + 0.5, end / HOUR) - np.maximum(hours - 0.5, begin / HOUR)
                rates += np.clip(share, 0.0, 1.0) * (count / ((end - begin) / HOUR))
        return rates

    def parts(self, span: Span) -> tuple[tuple[Span, float], ...]:
        """The periods within the span, each with its number of arrivals."""
        found = []
        for begin, end, count in self._spans():
            low, high = max(begin, span[0]), min(end if end is not None else span[1], span[1])
            if low < high and count and end is not None:
                found.append(((low, high), count * ((high - low) / (end - begin))))
        return tuple(found) or ((span, 1.0),)
